"""A turn: the workspace made ready, one prompt to the agent, and what it left taken as a commit."""

import structlog

from slackbot.core.agent import AgentEvent, PlanChanged, StepChanged, TurnOrder
from slackbot.core.errors import AgentError, PersonError
from slackbot.core.ports import Base, Conflict
from slackbot.core.task import Change, Task, TaskId, Turn, TurnKind
from slackbot.flows import discard, prompts, publish
from slackbot.flows.check import setup
from slackbot.flows.engine import step
from slackbot.flows.house import Progress, house
from slackbot.flows.workshop import at_work, commit_message, phase, repo_of, unless_stopped
from slackbot.store import work

log = structlog.get_logger()
SETUP_FAILED = "`{command}` (setup) failed, so the agent could not begin:\n{tail}"


class SetupFailed(PersonError):
    """The repository's own setup does not work."""


@step
async def prepare(task_id: TaskId, number: int, entry: str) -> dict[str, str]:
    """Find what the attempt stands on: `branch` and `sha` of the base, and the `kind` of its first turn.

    The workspace is laid out by the turn itself, which knows whether the one on disk is the right one.
    """
    task = await at_work(task_id, number)
    phase(task_id, "preparing the workspace")
    now, change = await house().repos.refresh(repo_of(task)), await _change(task)
    if change is None:
        return {"branch": now.branch, "sha": now.sha, "kind": TurnKind.REQUEST}
    if now.sha == change.base_sha:
        return {"branch": now.branch, "sha": now.sha, "kind": TurnKind.STEER}
    if entry == "steer" and await _takes_base_in(task, change, now):
        return {"branch": now.branch, "sha": now.sha, "kind": TurnKind.STEER}
    return {"branch": now.branch, "sha": now.sha, "kind": TurnKind.CONFLICT}


async def _takes_base_in(task: Task, change: Change, now: Base) -> bool:
    """A further turn works on the newest base; False when that conflicts, which is then the turn's first business."""
    message = await commit_message(task)
    merged = await house().repos.merge(repo_of(task), now.sha, change.head_sha, message)
    if isinstance(merged, Conflict):
        return False
    await publish.take_base_in(task, change, now, merged.sha)
    return True


async def lay_out(task: Task, base_sha: str, *, conflict: bool) -> tuple[str, ...]:
    """A fresh workspace where the attempt stands, with `setup` run; the files in conflict, if it is for those."""
    repo, change = repo_of(task), await _change(task)
    files: tuple[str, ...] = ()
    if conflict and change is not None:
        files = await house().repos.prepare_conflict(repo, task.id, task.attempt, base_sha, change.head_sha)
    else:
        await house().repos.prepare(repo, task.id, task.attempt, change.head_sha if change else base_sha)
    house().skills.lay(house().repos.home(task.id, task.attempt))
    result = await setup(task)
    if result is not None and not result.ok:
        raise SetupFailed(SETUP_FAILED.format(command=repo.setup, tail=result.output[-600:]))
    return files


@step
async def number_turn(task_id: TaskId, number: int) -> int:
    """The number of the next turn; decided once, so that a turn that is run again is the same turn."""
    return await house().db.read(work.next_turn_number, task_id, number)


@step
async def run(task_id: TaskId, number: int, turn_number: int, kind: TurnKind, base: dict[str, str]) -> None:
    """Prompt the agent and wait for its end. After a crash the turn begins again, unless it had come to its end."""
    task = await at_work(task_id, number)
    repo = repo_of(task)
    if await house().db.read(work.is_completed, task_id, number, turn_number):
        return
    files: tuple[str, ...] = ()
    if kind is TurnKind.CONFLICT or not await _stands_right(task, turn_number, base["sha"]):
        files = await lay_out(task, base["sha"], conflict=kind is TurnKind.CONFLICT)
    phase(task_id, f"{repo.agent} is at work (turn {turn_number})")
    prompt = await prompts.write(task, kind, f"{number}.{turn_number}", files)
    turn = Turn(
        task=task_id, attempt=number, number=turn_number, kind=kind, agent=repo.agent, prompt=prompt,
        started_at=house().clock(),
    )  # fmt: skip
    await house().db.write(work.begin_turn, turn)
    await _run(turn, task)


async def _stands_right(task: Task, turn_number: int, base_sha: str) -> bool:
    """Whether the workspace on this host is where the attempt stands, and no interrupted turn has been in it."""
    if await house().db.read(work.is_begun, task.id, task.attempt, turn_number):
        return False
    change = await _change(task)
    stands_at = await house().repos.stands_at(repo_of(task), task.id, task.attempt)
    return stands_at == (change.head_sha if change else base_sha)


async def _run(turn: Turn, task: Task) -> None:
    repo = repo_of(task)
    order = TurnOrder(
        agent=repo.agent,
        workspace=house().repos.workspace(repo, task.id, task.attempt),
        home=house().repos.home(task.id, task.attempt),
        prompt=turn.prompt,
    )
    outcome, answer, tokens = "stopped", "", None
    try:
        running = house().runner.run(order, lambda event: _progress(task.id, event))
        result = await unless_stopped(task.id, task.attempt, running)
        outcome, answer, tokens = "completed", result.answer, result.tokens
    except AgentError as error:
        outcome = type(error).__name__
        log.warning("turn_failed", turn=turn.number, outcome=outcome, reason=error.sentence, story=error.story)
        raise
    finally:
        if outcome != "stopped" or house().stop_event(task.id).is_set():
            await house().db.write(
                work.end_turn, task.id, task.attempt, turn.number, at=house().clock(), outcome=outcome,
                answer=answer, tokens=tokens,
            )  # fmt: skip
    log.info("turn_ended", turn=turn.number, outcome=outcome)


def _progress(task_id: TaskId, event: AgentEvent) -> None:
    progress = house().progress.setdefault(task_id, Progress())
    if isinstance(event, PlanChanged):
        progress.plan = event.steps
    elif isinstance(event, StepChanged):
        progress.step = event.title
    else:
        return
    house().show(task_id, urgent=False)


@step
async def take(task_id: TaskId, number: int, kind: TurnKind, base: dict[str, str]) -> bool:
    """Take the workspace's tree as a commit of the attempt's branch; whether it differs from the base."""
    task = await at_work(task_id, number)
    repo, change = repo_of(task), await _change(task)
    head = change.head_sha if change else base["sha"]
    parents = (head, base["sha"]) if kind is TurnKind.CONFLICT else (head,)
    taken = await house().repos.take(
        repo, task_id, number, base_sha=base["sha"], parents=parents, message=await commit_message(task)
    )
    if taken is None:
        if change is not None:
            await discard.withdraw(repo, change)
        await house().db.write(work.drop_change, task_id, number, repo.name)
        return False
    now = Change(
        task=task_id, attempt=number, repo=repo.name, branch=task.branch, base_branch=base["branch"],
        base_sha=base["sha"], head_sha=taken.head_sha, diff_hash=taken.diff_hash, stat=taken.stat,
        pull_request=change.pull_request if change else None,
    )  # fmt: skip
    await house().db.write(work.put_change, now, taken.diff)
    house().show(task_id, urgent=False)
    return True


async def _change(task: Task) -> Change | None:
    found = await house().db.read(work.changes_of, task.id, task.attempt)
    return found[0] if found else None
