"""One try from scratch: workspace, turns of the agent, checks, pull request, and then people decide.

Also a further turn of the same attempt (entry "steer"), and the one turn that solves a merge conflict ("conflict").
"""

import structlog

from slackbot.core.errors import PitcrewError
from slackbot.core.task import Lost, TaskId, TaskState, TurnKind
from slackbot.flows import discard, publish, turn
from slackbot.flows.check import check
from slackbot.flows.engine import durable, step
from slackbot.flows.house import house
from slackbot.flows.pause import until_resumed
from slackbot.flows.workshop import Stopped
from slackbot.store import tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()

CHECKS_HANDED_BACK = 2
FAILED_NEXT = "{why} Click Retry for a fresh attempt, or mention me here with more to go on."
CHECK_FAILED = "The check still fails after the agent had {times} tries to mend it."
SOMETHING = "Something failed on my side; the log has the whole story."


class CheckFailed(PitcrewError):
    """The agent could not make the repository's check pass."""


@durable
async def attempt(task_id: int, number: int, entry: str) -> None:
    """Drive an attempt to its end: people decide, an answer was given, it failed, or it was stopped."""
    task = TaskId(task_id)
    structlog.contextvars.bind_contextvars(task=task_id, attempt=number)
    try:
        begun_at = await begin(task, number)
        if begun_at:
            await drive(task, number, entry, begun_at)
        else:
            await discard.discard_if_cancelled(task, number)
    except Stopped:
        await discard.discard_if_cancelled(task, number)
    except PitcrewError as error:
        log.warning("attempt_failed", reason=str(error), story=getattr(error, "story", ""))
        await fail(task, number, error.sentence)
    except Exception:
        log.exception("attempt_broke")
        await fail(task, number, SOMETHING)
    finally:
        house().progress.pop(task, None)
        house().stops.pop(task, None)


@durable
async def capped_attempt(workflow_id: str, task_id: int, number: int, entry: str) -> None:
    """Hold one of a repository's own places while its attempt waits for a common one and runs."""
    task = await house().db.read(tasks.get, TaskId(task_id))
    await house().engine.run_queued(task.repos[0], "attempt", workflow_id, task_id, number, entry)


async def drive(task: TaskId, number: int, entry: str, begun_at: str) -> None:
    """Turns until nothing is left to say, then the pull request; what people say meanwhile is another turn."""
    base = await turn.prepare(task, number, entry)
    kind = TurnKind(base["kind"])
    while True:
        changed = await work_until_checked(task, number, base, kind)
        if not changed:
            if await publish.answer(task, number, begun_at):
                return
        else:
            await publish.publish(task, number)
            if await publish.offer(task, number, begun_at):
                return
        kind = TurnKind.STEER


async def work_until_checked(task: TaskId, number: int, base: dict[str, str], kind: TurnKind) -> bool:
    """Turns and checks until the check passes; whether anything changed. Raises CheckFailed, AgentError."""
    handed_back = 0
    while True:
        await turn.run(task, number, await turn.number_turn(task, number), kind, base)
        changed = await turn.take(task, number, kind, base)
        if await instructions_wait(task):
            kind = TurnKind.STEER
        elif not changed or await check(task, number):
            return changed
        elif handed_back == CHECKS_HANDED_BACK:
            raise CheckFailed(CHECK_FAILED.format(times=CHECKS_HANDED_BACK))
        else:
            handed_back, kind = handed_back + 1, TurnKind.CHECK


@step
async def begin(task: TaskId, number: int) -> str:
    """Take the attempt out of the queue: when it began, which tells this flow from a later one; "" if stopped."""

    def query(tx: Transaction) -> str:
        at = house().clock()
        moved = tasks.move(tx, task, {TaskState.QUEUED}, TaskState.RUNNING, at=at, attempt=number)
        if isinstance(moved, Lost) and moved.state is not TaskState.RUNNING:
            return ""
        begun = tasks.get(tx, task)
        if begun.attempt != number:
            return ""
        tasks.begin_attempt(tx, task, number, at)
        return begun.state_at.isoformat()

    await until_resumed(task)
    begun = await house().db.write(query)
    house().show(task)
    for waiting in await house().db.read(tasks.in_states, {TaskState.QUEUED}):
        house().show(waiting.id, urgent=False)  # their place in the queue moved
    return begun


@step
async def instructions_wait(task: TaskId) -> bool:
    """Whether somebody said something to the agent while it worked."""
    return await house().db.read(work.has_instructions, task)


@step
async def fail(task: TaskId, number: int, why: str) -> None:
    """The attempt came to a bad end: the card says why and offers Retry."""

    def query(tx: Transaction) -> None:
        at = house().clock()
        sources = {TaskState.RUNNING, TaskState.QUEUED, TaskState.LANDING}
        note = FAILED_NEXT.format(why=why)
        tasks.move(tx, task, sources, TaskState.FAILED, at=at, note=note, attempt=number)
        tasks.end_attempt(tx, task, number, at)

    await house().db.write(query)
    house().show(task)
