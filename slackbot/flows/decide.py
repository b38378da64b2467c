"""What people decide: approve, rework, stop, retry, which repository. Each is one compare-and-swap that also enqueues
what follows; whoever comes second is told who was first. Who may decide is asked at `flows.clicks`, before.
"""

import structlog

from slackbot.core.request import ButtonValue
from slackbot.core.say import Mention, Said, say
from slackbot.core.task import (
    OPEN,
    Change,
    Decision,
    DecisionKind,
    Lost,
    Moved,
    Task,
    TaskId,
    TaskState,
)
from slackbot.flows.engine import ATTEMPTS_QUEUE, LANDINGS_QUEUE, capped_queue
from slackbot.flows.house import House, house
from slackbot.flows.telling import tell
from slackbot.store import decisions, tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()

STALE = "That button is from before: {task} has moved on since (attempt {attempt}, {state}). I refreshed its card."
FIRST = "{who} decided first: {task} is {state} since {at}. Your click changed nothing."
BY_YOU = "You decided already: {task} is {state} since {at}. This click changed nothing."
BY_ITSELF = "{task} is {state} since {at}, so your click changed nothing."
TOO_LATE_TO_STOP = "{task} is being merged at this moment and can no longer be stopped."
DECIDABLE = frozenset({TaskState.AWAITING_APPROVAL, TaskState.BLOCKED})
STOPPABLE = OPEN
AT_WORK = frozenset({TaskState.RUNNING, TaskState.LANDING})


def enqueue_attempt(tx: Transaction, house: House, task: Task, entry: str, cause: str = "") -> None:
    """Put the task's current attempt into the queue. `entry`: start, steer or conflict; `cause` tells turns apart."""
    suffix = f":{entry}:{cause}" if entry != "start" else ""
    workflow_id = f"attempt:{task.label}:{task.attempt}{suffix}"
    repo = house.repo(task.repos[0])
    if repo is not None and repo.max_attempts_running:
        queue = capped_queue(repo.name)
        args = (workflow_id, task.id, task.attempt, entry)
        house.engine.enqueue(tx, queue, None, "capped_attempt", f"capped:{workflow_id}", *args)
        return
    house.engine.enqueue(tx, ATTEMPTS_QUEUE, task.repos[0], "attempt", workflow_id, task.id, task.attempt, entry)


def enqueue_discard(tx: Transaction, house: House, task: Task, attempt: int) -> None:
    """Throw an attempt's branch, workspace and pull request away, in the background."""
    workflow_id = f"discard:{task.label}:{attempt}"
    house.engine.enqueue(tx, LANDINGS_QUEUE, f"discard-{task.repos[0]}", "discard", workflow_id, task.id, attempt)


def head_of(changes: list[Change]) -> str | None:
    """What a button is bound to: the heads of the attempt's changes."""
    return "+".join(change.head_sha for change in changes) or None


def approve(tx: Transaction, house: House, seen: ButtonValue, by: str, key: str) -> Moved | Lost | Said:
    """Approve exactly what the person saw; a Said tells why the button is stale."""
    task = tasks.get(tx, TaskId(seen.task), lock=True)
    if decisions.exists(tx, key):
        return Moved(task=task)  # an earlier try of this step decided
    changes = work.changes_of(tx, task.id, task.attempt)
    if task.state in DECIDABLE and (seen.attempt != task.attempt or seen.head_sha != head_of(changes)):
        return stale(task)
    if seen.attempt != task.attempt:
        return tasks.lost(tx, task.id)
    moved = tasks.move(tx, task.id, DECIDABLE, TaskState.LANDING, at=house.clock(), by=by, attempt=seen.attempt)
    if isinstance(moved, Moved):
        _keep(tx, house, task, DecisionKind.APPROVE, by, key, head_sha=seen.head_sha, change=changes[0])
        workflow_id = f"landing:{task.label}:{task.attempt}:{seen.head_sha}:{key}"
        facts = (task.id, task.attempt, seen.head_sha or "", key)
        house.engine.enqueue(tx, LANDINGS_QUEUE, task.repos[0], "landing", workflow_id, *facts)
    return moved


def rework(tx: Transaction, house: House, seen: ButtonValue, by: str, key: str, feedback: str) -> Moved | Lost | Said:
    """Throw the attempt away and queue the next, with the feedback kept for it."""
    task = tasks.get(tx, TaskId(seen.task), lock=True)
    if decisions.exists(tx, key):
        return Moved(task=task)
    if task.state in DECIDABLE and seen.attempt != task.attempt:
        return stale(task)
    return _next_attempt(tx, house, task, DECIDABLE, seen, DecisionKind.REWORK, by, key, feedback)


def retry(tx: Transaction, house: House, seen: ButtonValue, by: str, key: str) -> Moved | Lost | Said:
    """After a failure: a new attempt."""
    task = tasks.get(tx, TaskId(seen.task), lock=True)
    if decisions.exists(tx, key):
        return Moved(task=task)
    if task.state is TaskState.FAILED and seen.attempt != task.attempt:
        return stale(task)
    newest = tasks.latest_in(tx, task.thread)
    if newest is not None and newest.id != task.id and newest.state in OPEN:
        return say("{task} is at work in this thread, so {old} stays as it is.", task=newest.label, old=task.label)
    return _next_attempt(tx, house, task, frozenset({TaskState.FAILED}), seen, DecisionKind.RETRY, by, key, "")


def _next_attempt(
    tx: Transaction, house: House, task: Task, sources: frozenset[TaskState], seen: ButtonValue, kind: DecisionKind,
    by: str, key: str, feedback: str,
) -> Moved | Lost:  # fmt: skip
    moved = tasks.start_next_attempt(tx, task.id, sources, seen.attempt, at=house.clock(), by=by)
    if isinstance(moved, Moved):
        _keep(tx, house, task, kind, by, key, head_sha=seen.head_sha, text=feedback)
        tasks.end_attempt(tx, task.id, seen.attempt, house.clock(), feedback or None, by)
        enqueue_discard(tx, house, task, seen.attempt)
        enqueue_attempt(tx, house, moved.task, "start")
        return moved
    return tasks.lost(tx, task.id)


def choose(tx: Transaction, house: House, task: Task, repo: str, by: str, key: str) -> Moved | Lost:
    """A person picked the repository: the task goes into the queue."""
    moved = tasks.move(tx, task.id, {TaskState.WAITING_FOR_INPUT}, TaskState.QUEUED, at=house.clock(), by=by)
    if not isinstance(moved, Moved):
        return moved
    _keep(tx, house, task, DecisionKind.REPOSITORY, by, key, text=repo)
    chosen = tasks.touch(tx, task.id, repos=[repo])
    enqueue_attempt(tx, house, chosen, "start")
    return Moved(task=chosen)


async def stop(task: Task, by: str, key: str, seen: ButtonValue | None = None) -> None:
    """Stop a task: its agent ends now, what it made is thrown away. `seen`: by the button of a card that says this."""
    outcome = await house().db.write(_stop, house(), task.id, by, key, seen)
    if isinstance(outcome, Moved):
        log.info("task_stopped", task=task.id, by=by)
        house().stop_event(task.id).set()
    else:
        await tell(by, task.thread, outcome if isinstance(outcome, Said) else second(task, outcome, by))
    house().show(task.id)


def _stop(
    tx: Transaction, house: House, task_id: TaskId, by: str, key: str, seen: ButtonValue | None
) -> Moved | Lost | Said:
    task = tasks.get(tx, task_id, lock=True)
    if decisions.exists(tx, key):
        return Moved(task=task)
    # No card of a landing has the button: on the one that was clicked somebody else decided first.
    too_late = seen is not None and (seen.attempt != task.attempt or task.state is TaskState.LANDING)
    if too_late or task.state not in STOPPABLE:
        return tasks.lost(tx, task.id)
    moved = tasks.move(tx, task_id, {task.state}, TaskState.CANCELLED, at=house.clock(), by=by)
    if isinstance(moved, Moved):
        _keep(tx, house, task, DecisionKind.STOP, by, key)
        tasks.end_attempt(tx, task.id, task.attempt, house.clock())
        # A running attempt or landing throws its things away itself, when its agent has ended.
        if task.repos and task.state not in AT_WORK:
            enqueue_discard(tx, house, task, task.attempt)
        return moved
    return say(TOO_LATE_TO_STOP, task=task.label) if task.state is TaskState.LANDING else moved


def stale(task: Task) -> Said:
    return say(STALE, task=task.label, attempt=task.attempt, state=task.state.replace("_", " "))


def second(task: Task, lost: Lost, by: str) -> Said:
    """What the loser of a race is told."""
    facts = {"task": task.label, "state": lost.state.replace("_", " "), "at": lost.at.strftime("%H:%M UTC")}
    if lost.by is None:
        return say(BY_ITSELF, **facts)
    return say(BY_YOU, **facts) if lost.by == by else say(FIRST, who=Mention(user=lost.by), **facts)


def _keep(
    tx: Transaction, house: House, task: Task, kind: DecisionKind, by: str, key: str, *,
    head_sha: str | None = None, text: str = "", change: Change | None = None,
) -> None:  # fmt: skip
    decision = Decision(
        key=key, task=task.id, attempt=task.attempt, kind=kind, by=by, at=house.clock(), head_sha=head_sha, text=text
    )
    decisions.keep(tx, decision, change)
    log.info("decided", task=task.id, attempt=task.attempt, kind=kind, by=by)
