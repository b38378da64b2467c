"""From an approval to the default branch: exactly what was approved, on a base that it was checked with.

When only the base moved, the approval stands as long as the diff is the same and the check passes on the merged tree;
any other difference asks again. A conflict goes to the agent once, then to people.
"""

import structlog

from slackbot.core.errors import BaseMoved, OutsideError, PitcrewError
from slackbot.core.ports import Base, CommitMessage, Conflict
from slackbot.core.task import Change, Decision, DecisionKind, Moved, Task, TaskId, TaskState, TurnKind
from slackbot.flows import decide, discard, publish
from slackbot.flows.check import run_check, setup
from slackbot.flows.engine import durable, step
from slackbot.flows.house import house
from slackbot.flows.workshop import Stopped, at_work, commit_message, phase, repo_of
from slackbot.store import decisions, tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()

TRIES = 10
UNKNOWN_TRIES = 3
CONFLICT = "`{branch}` moved and conflicts with this change in {files}. Rework it, or mention me with what to do."
CHECK_FAILS = "Merged with the new `{branch}` the check fails. Rework it, or mention me with what to do."
BUSY = "`{branch}` moved {times} times while I tried to land this. Click to try again."
DIFFERENT = "`{branch}` moved and the merged change is no longer the one that was approved. Please look again."
SOMETHING = "Something failed on my side; the log has the whole story."
NOT_LANDED = "{why} Nothing was landed. Click to try again, or Rework."


@durable
async def landing(task_id: int, number: int, head_sha: str, key: str) -> None:
    """Land an approved attempt, or say why not. `key`: the click that approved it."""
    task = TaskId(task_id)
    structlog.contextvars.bind_contextvars(task=task_id, attempt=number)
    try:
        for _ in range(TRIES):
            if await land_surely(task, number, head_sha, key):
                await discard.tidy_up(task, number)
                return
            if not await stands_on_new_base(task, number, head_sha, key):
                return
        await block(task, number, key, BUSY.format(branch="the default branch", times=TRIES))
    except Stopped:
        await discard.discard_if_cancelled(task, number)
    except PitcrewError as error:
        log.warning("not_landed", reason=str(error))
        await block(task, number, key, NOT_LANDED.format(why=error.sentence))
    except Exception:
        log.exception("landing_broke")
        await block(task, number, key, NOT_LANDED.format(why=SOMETHING))
    finally:
        house().progress.pop(task, None)
        house().stops.pop(task, None)


async def land_surely(task_id: TaskId, number: int, head_sha: str, key: str) -> bool:
    """`land`, again when it may have merged without our hearing of it: the next try adopts what it finds."""
    for _ in range(UNKNOWN_TRIES):
        try:
            return await land(task_id, number, head_sha, key)
        except OutsideError as error:
            if not error.unknown:
                raise
            log.warning("landing_unknown", task=task_id, reason=str(error))
    return await land(task_id, number, head_sha, key)


@step
async def land(task_id: TaskId, number: int, head_sha: str, key: str) -> bool:
    """Merge the approved head while the base is where it was checked; False when the base moved.

    Adopts the merge that an earlier try made.
    """
    task = await _unless_landed(task_id, number, key)
    if task is None:
        return True
    repo, change = repo_of(task), await _approved(task, head_sha)
    phase(task_id, "landing")
    base = await house().repos.refresh(repo)
    merged = await house().repos.contains(repo, base.sha, change.head_sha)
    if base.sha != change.base_sha and not merged:
        return False
    if not await house().db.write(tasks.seal, task_id, number):
        raise Stopped("stopped before the merge")
    if change.pull_request is None:
        raise RuntimeError("an approved change has a pull request")
    try:
        landed = await house().forge(repo).land(
            repo, change.pull_request, base_branch=change.base_branch, base_sha=change.base_sha,
            head_sha=change.head_sha, message=await _message(task, head_sha),
        )  # fmt: skip
    except BaseMoved:
        await house().db.write(tasks.unseal, task_id)
        return False
    await house().db.write(_done, task, change, landed)
    log.info("landed", repo=repo.name, sha=landed)
    house().show(task_id)
    return True


async def _unless_landed(task_id: TaskId, number: int, key: str) -> Task | None:
    """The task while it lands; None when an earlier try of this step landed it. Raises Stopped."""
    task = await house().db.read(tasks.get, task_id)
    return None if task.state is TaskState.DONE else await _landing(task_id, number, key)


async def _landing(task_id: TaskId, number: int, key: str) -> Task:
    """The task while it lands by this approval.

    Raises Stopped also when it lands by a later one: after a restart a step that had asked people runs again, and may
    not answer for them.
    """
    task = await at_work(task_id, number)
    if await house().db.read(decisions.latest_approval, task_id, number) != key:
        raise Stopped("it was approved anew")
    return task


async def _approved(task: Task, head_sha: str) -> Change:
    change = (await house().db.read(work.changes_of, task.id, task.attempt))[0]
    if change.head_sha != head_sha:
        raise PitcrewError("What was approved is not what the branch holds now.")
    return change


def _done(tx: Transaction, task: Task, change: Change, landed: str) -> None:
    at = house().clock()
    work.set_landed(tx, change, landed)
    tasks.move(tx, task.id, {TaskState.LANDING}, TaskState.DONE, at=at, attempt=task.attempt)
    tasks.end_attempt(tx, task.id, task.attempt, at)


async def _message(task: Task, head_sha: str) -> CommitMessage:
    """Names who approved exactly this head."""
    made = await house().db.read(decisions.of_task, task.id)
    approvals = [decision for decision in made if _approves(decision, task, head_sha)]
    by = ", ".join(dict.fromkeys(decision.by for decision in approvals))
    plain = await commit_message(task)
    return plain.model_copy(
        update={"subject": f"{plain.subject} ({task.label})", "body": f"Approved in Slack by {by}."}
    )


def _approves(decision: Decision, task: Task, head_sha: str) -> bool:
    same = decision.attempt == task.attempt and decision.head_sha == head_sha
    return same and decision.kind is DecisionKind.APPROVE


@step
async def stands_on_new_base(task_id: TaskId, number: int, head_sha: str, key: str) -> bool:
    """The base moved: whether the approval stands. If not, the task was handed to the agent or back to people."""
    task = await _landing(task_id, number, key)
    repo, change = repo_of(task), await _approved(task, head_sha)
    base = await house().repos.refresh(repo)
    phase(task_id, f"merging the new {base.branch}")
    merged = await house().repos.merge(repo, base.sha, change.head_sha, await _message(task, head_sha))
    if isinstance(merged, Conflict):
        await _conflict(task, change, merged.files)
        return False
    again = await house().repos.compare(repo, base.sha, merged.sha)
    if again.diff_hash != change.diff_hash:
        await _ask_again(task, change, base, merged.sha)
        return False
    if not await _passes(task, merged.sha):
        await _block(task, CHECK_FAILS.format(branch=base.branch))
        return False
    rebased = change.model_copy(update={"base_sha": base.sha})
    await house().db.write(work.put_change, rebased, again.diff)
    return True


async def _passes(task: Task, sha: str) -> bool:
    """Whether setup and check pass on a merged tree."""
    await house().repos.prepare(repo_of(task), task.id, task.attempt, sha)
    prepared = await setup(task)
    return (prepared is None or prepared.ok) and (await run_check(task)).ok


async def _conflict(task: Task, change: Change, files: tuple[str, ...]) -> None:
    """Once to the agent, then to people with the list of files."""
    turns = await house().db.read(work.turns_of, task.id)
    tried = any(done.kind is TurnKind.CONFLICT and done.attempt == task.attempt for done in turns)
    if tried:
        listed = ", ".join(f"`{file}`" for file in files)
        await _block(task, CONFLICT.format(branch=change.base_branch, files=listed))
        return

    def query(tx: Transaction) -> None:
        sources = {TaskState.LANDING}
        moved = tasks.move(tx, task.id, sources, TaskState.QUEUED, at=house().clock(), attempt=task.attempt)
        if isinstance(moved, Moved):
            decide.enqueue_attempt(tx, house(), moved.task, "conflict", change.head_sha)

    await house().db.write(query)
    house().show(task.id)


async def _ask_again(task: Task, change: Change, base: Base, merged: str) -> None:
    """The merged change differs from the approved one: the branch takes the new base in and people look again."""
    renewed = await publish.take_base_in(task, change, base, merged)
    await publish.propose(task, renewed)
    note = DIFFERENT.format(branch=base.branch)
    at, target = house().clock(), TaskState.AWAITING_APPROVAL
    sources = {TaskState.LANDING}
    await house().db.write(tasks.move, task.id, sources, target, at=at, note=note, attempt=task.attempt)
    house().show(task.id)


@step
async def block(task_id: TaskId, number: int, key: str, note: str) -> None:
    """It cannot land as it is: people decide, unless they did already."""
    try:
        await _block(await _landing(task_id, number, key), note)
    except Stopped as stopped:
        log.info("landing_not_blocked", reason=str(stopped))


async def _block(task: Task, note: str) -> None:
    at = house().clock()
    sources = {TaskState.LANDING}
    await house().db.write(tasks.move, task.id, sources, TaskState.BLOCKED, at=at, note=note, attempt=task.attempt)
    log.info("landing_blocked", note=note)
    house().show(task.id)
