"""Closes the gap between what the database says of open tasks and what forge, origin, engine and Slack really show.

At each start and once an hour; every part may be repeated. It moves tasks as people's decisions do, by
compare-and-swap, so that whoever decides at the same moment is not overruled.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import ChatError, ForgeError, OutsideError, RepoError, StoreUnavailable
from slackbot.core.ports import Base
from slackbot.core.task import ENDS, OPEN, Change, Lost, Moved, Task, TaskId, TaskState
from slackbot.flows import decide
from slackbot.flows.house import House
from slackbot.store import tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()

EVERY_S = 3600.0
POSTPONED_S = 15.0

MERGED = "It was merged by hand."
CLOSED = "Its pull request was closed by hand, so I stopped. Mention me here to start anew."
BROKE_OFF = "My work on it broke off and does not go on by itself; the log has the whole story. {next}"
RETRY = "Click Retry for a fresh attempt."
LAND_AGAIN = "Click to try landing it again, or Rework."

# Which flow is at work on a task in its state, and where the task goes when there is none.
AT_WORK = {
    TaskState.QUEUED: ("attempt", TaskState.FAILED, RETRY),
    TaskState.RUNNING: ("attempt", TaskState.FAILED, RETRY),
    TaskState.LANDING: ("landing", TaskState.BLOCKED, LAND_AGAIN),
}


async def run(house: House) -> None:
    """Reconcile now and then hourly, for ever; the cards once."""
    await _safely(reconcile, house)
    await _safely(repaint, house)
    while True:
        await asyncio.sleep(EVERY_S)
        await _safely(reconcile, house)


async def _safely(work: Callable[[House], Awaitable[None]], house: House) -> None:
    """Wait while the database is away; whatever else is unforeseen must not end the reconciling for good."""
    try:
        await work(house)
    except StoreUnavailable as error:
        log.warning("reconciler_postponed", reason=str(error))
        await asyncio.sleep(POSTPONED_S)
        await _safely(work, house)
    except Exception:
        log.exception("reconciler_broke")


async def reconcile(house: House) -> None:
    """Compare every open task with what is really there."""
    await find_broken_off(house)
    for repo in house.config.repos:
        waiting = await house.db.read(tasks.ids_in_states, decide.DECIDABLE, repo.name)
        if waiting:
            await compare(house, repo, waiting)


async def repaint(house: House) -> None:
    """Draw every open task's card, one after the other: a deleted one is posted anew."""
    for task in await house.db.read(tasks.ids_in_states, OPEN):
        try:
            await house.painter.paint(task, urgent=False)
        except ChatError as error:
            log.warning("card_not_painted", task=task, reason=str(error))


async def find_broken_off(house: House) -> None:
    """Tasks that claim to be at work while no flow works on them."""
    # The tasks first: a flow that ends in between has moved its task, and the version tells.
    claiming = await house.db.read(tasks.in_states, AT_WORK)
    flows = await house.engine.active("attempt", "capped_attempt", "landing")
    going_on = {":".join(flow.removeprefix("capped:").split(":")[:3]) for flow in flows}
    for task in claiming:
        if f"{AT_WORK[task.state][0]}:{task.label}:{task.attempt}" not in going_on:
            await end_broken_off(house, task)


async def end_broken_off(house: House, task: Task) -> None:
    """Move such a task to where a person can go on; one that moved since it was read is left alone."""
    _, target, next_step = AT_WORK[task.state]

    def query(tx: Transaction) -> bool:
        if tasks.get(tx, task.id).version != task.version:
            return False
        at, note = house.clock(), BROKE_OFF.format(next=next_step)
        moved = tasks.move(tx, task.id, {task.state}, target, at=at, note=note, attempt=task.attempt)
        if isinstance(moved, Moved) and target is TaskState.FAILED:
            tasks.end_attempt(tx, task.id, task.attempt, at)
        return isinstance(moved, Moved)

    if await house.db.write(query):
        log.error("flow_broke_off", task=task.id, attempt=task.attempt, state=task.state)
        house.show(task.id)


async def compare(house: House, repo: RepoConfig, waiting: list[TaskId]) -> None:
    """Compare the tasks that wait for people with the repository and its forge; what is away is left for next time."""
    try:
        base, heads = await house.repos.refresh(repo), await house.repos.heads(repo)
        for task_id in waiting:
            task = await house.db.read(tasks.get, task_id)
            if task.state in decide.DECIDABLE:
                await settle(house, repo, task, base, heads)
    except OutsideError as error:
        log.warning("not_reconciled", repo=repo.name, reason=str(error))


async def settle(house: House, repo: RepoConfig, task: Task, base: Base, heads: dict[str, str]) -> None:
    """Take over what was done by hand: a merge, a closed pull request, a deleted branch."""
    changes = await house.db.read(work.changes_of, task.id, task.attempt)
    change = next((change for change in changes if change.repo == repo.name), None)
    if change is None:
        return
    try:
        match await _standing(house, repo, change, base):
            case "merged":
                await _finish(house, task, change, TaskState.DONE, MERGED, base.sha)
            case "closed":
                await _finish(house, task, change, TaskState.CANCELLED, CLOSED)
            case _ if change.branch not in heads:
                await _push_again(house, repo, task, change)
    except (ForgeError, RepoError) as error:
        log.warning("not_reconciled", task=task.id, repo=repo.name, reason=str(error))


async def _standing(house: House, repo: RepoConfig, change: Change, base: Base) -> str:
    """open, closed or merged; merged is also what git says so of, whatever the forge knows."""
    if base.sha != change.base_sha and await house.repos.contains(repo, base.sha, change.head_sha):
        return "merged"
    if change.pull_request is None:
        return "open"
    return (await house.forge(repo).look(repo, change.pull_request)).state


async def _finish(
    house: House, task: Task, change: Change, target: TaskState, note: str, landed_sha: str | None = None
) -> None:
    def query(tx: Transaction) -> Moved | Lost:
        at = house.clock()
        moved = tasks.move(tx, task.id, {task.state}, target, at=at, note=note, attempt=task.attempt)
        if isinstance(moved, Moved):
            if landed_sha:
                work.set_landed(tx, change, landed_sha)
            tasks.end_attempt(tx, task.id, task.attempt, at)
            decide.enqueue_discard(tx, house, task, task.attempt)
        return moved

    if isinstance(await house.db.write(query), Moved):
        log.info("settled_by_hand", task=task.id, state=target)
        house.show(task.id)


async def _push_again(house: House, repo: RepoConfig, task: Task, change: Change) -> None:
    """The branch was deleted outside; the mirror still has it. One that a decision throws away meanwhile stays away."""
    await house.repos.push(repo, change.head_sha, change.branch, expected=None)
    log.info("branch_pushed_again", task=task.id, branch=change.branch)
    now = await house.db.read(tasks.get, task.id)
    if now.state in ENDS or now.attempt != task.attempt:
        await house.repos.delete_branch(repo, change.branch)
