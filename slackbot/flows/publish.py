"""The end of an attempt's work: a pull request that people decide on, or an answer in the thread."""

import structlog

from slackbot.core.errors import ChatError, ThreadGone
from slackbot.core.ports import Base, Proposal
from slackbot.core.say import say
from slackbot.core.task import Change, Task, TaskId, TaskState
from slackbot.flows import prompts
from slackbot.flows.engine import ANSWERS_QUEUE, durable, step, wait
from slackbot.flows.house import house
from slackbot.flows.telling import tell_directly
from slackbot.flows.workshop import Stopped, at_work, phase, repo_of, subject_of
from slackbot.store import tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()
CLOSED_THREAD = "I can no longer write in the thread where you asked for {task}. The answer:\n{answer}"
FIRST_PAUSE_S, LONGEST_PAUSE_S, ANSWER_TRIES = 3.0, 900.0, 100
SILENT = "The agent ended its turn without a change and without a word. Mention me again with more to go on."


@step
async def publish(task_id: TaskId, number: int) -> None:
    """Push the branch and open the pull request, or adopt what an earlier try made."""
    task = await at_work(task_id, number)
    phase(task_id, "opening the pull request")
    await propose(task, (await house().db.read(work.changes_of, task_id, number))[0])


async def propose(task: Task, change: Change) -> None:
    """Make branch and pull request show this change. Safe to repeat."""
    repo = repo_of(task)
    await house().repos.push(repo, change.head_sha, change.branch, expected=None)
    proposal = Proposal(
        branch=change.branch, base_branch=change.base_branch, base_sha=change.base_sha, head_sha=change.head_sha,
        title=f"{subject_of(task)} ({task.label})", body=await prompts.pull_request(task),
    )  # fmt: skip
    opened = await house().forge(repo).open(repo, proposal)
    await house().db.write(work.set_pull_request, change, opened)
    log.info("pull_request_open", pull_request=opened.id)


async def take_base_in(task: Task, change: Change, base: Base, merged: str) -> Change:
    """The attempt's branch goes on from a merge with the new base; what it changes is taken against that."""
    repo = repo_of(task)
    taken = await house().repos.compare(repo, base.sha, merged)
    await house().repos.set_branch(repo, change.branch, merged)
    renewed = change.model_copy(
        update={"base_sha": base.sha, "head_sha": merged, "diff_hash": taken.diff_hash, "stat": taken.stat}
    )
    await house().db.write(work.put_change, renewed, taken.diff)
    return renewed


@step
async def offer(task_id: TaskId, number: int, begun_at: str) -> bool:
    """Ask people to decide; False when somebody gave the agent a further instruction first. Raises Stopped."""
    return await _end(task_id, number, begun_at, TaskState.AWAITING_APPROVAL)


@step
async def answer(task_id: TaskId, number: int, begun_at: str) -> bool:
    """Nothing was changed: what the agent said is the answer. False when it got a further instruction first.

    It is posted by a flow of its own, since Slack's pace is no reason to keep the next attempt waiting.
    """
    task = await house().db.read(tasks.get, task_id)
    ended = await _end(task_id, number, begun_at, TaskState.DONE)
    if ended:
        await house().repos.drop(repo_of(task), task_id, number)
    return ended


@durable
async def deliver(task_id: int, number: int) -> None:
    """Post the answer of a task that is done; as long as Slack does not take it, about a day, it is tried again."""
    for tries in range(ANSWER_TRIES):
        if await post_answer(TaskId(task_id), number, tries):
            return
        await wait(min(FIRST_PAUSE_S * float(1 << min(tries, 10)), LONGEST_PAUSE_S))
    log.error("answer_not_posted", task=task_id, tries=ANSWER_TRIES)


@step
async def post_answer(task_id: TaskId, number: int, tries: int) -> bool:
    """The agent's last words, once; where the thread is closed, to who asked. False when it has to be tried again."""
    task = await house().db.read(tasks.get, task_id)
    turn = (await house().db.read(work.turns_of, task_id))[-1]
    said = turn.answer or SILENT
    # An earlier try, or the turn's process if it was another, may have posted it.
    look_first = tries > 0 or turn.started_at < house().started_at
    key = f"answer:{task.label}:{number}"
    try:
        await house().chat.post_answer(task.thread, said, key, look_first=look_first)
    except ThreadGone as error:
        log.warning("thread_gone", task=task_id, reason=error.reason)
        await tell_directly(task.requester, say(CLOSED_THREAD, task=task.label, answer=said), key)
    except ChatError as error:
        log.warning("answer_not_posted_yet", task=task_id, reason=str(error), tries=tries)
        return False
    return True


async def _end(task_id: TaskId, number: int, begun_at: str, target: TaskState) -> bool:
    """Leave the running state; False when an instruction came first. What an earlier try of the step did stands."""

    def query(tx: Transaction) -> bool:
        # Locked: an instruction that is being given comes before or after, never between.
        task = tasks.get(tx, task_id, lock=True)
        if task.state is TaskState.CANCELLED or task.attempt != number:
            raise Stopped(task.state)
        if task.state is not TaskState.RUNNING or task.state_at.isoformat() != begun_at:
            return True  # it left before a crash; whatever runs now is another flow's
        if work.has_instructions(tx, task_id):
            return False
        at = house().clock()
        tasks.move(tx, task_id, {TaskState.RUNNING}, target, at=at, attempt=number)
        if target is TaskState.DONE:
            tasks.end_attempt(tx, task_id, number, at)
            workflow_id = f"deliver:{task.label}:{number}"
            house().engine.enqueue(tx, ANSWERS_QUEUE, None, "deliver", workflow_id, task_id, number)
        return True

    ended = await house().db.write(query)
    house().show(task_id)
    return ended
