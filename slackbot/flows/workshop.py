"""What the steps of attempt and landing share: the task, its repository, its commit message, and being stopped."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TypeVar

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import ChatError, PersonError, StoreUnavailable
from slackbot.core.mrkdwn import plain_text
from slackbot.core.ports import CommitMessage
from slackbot.core.task import Task, TaskId, TaskState
from slackbot.flows.house import Progress, house
from slackbot.store import tasks

log = structlog.get_logger()
T = TypeVar("T")
LOOK_EVERY_S = 1.0
SUBJECT_CHARS = 72
GONE = "The repository of this task is no longer in slackbot.toml. Put it back and click Retry."


class Stopped(Exception):
    """A person stopped the task, or it moved on without this attempt."""


async def at_work(task_id: TaskId, number: int) -> Task:
    """The task, while this attempt is its current one and at work. Raises Stopped otherwise."""
    task = await house().db.read(tasks.get, task_id)
    if task.attempt != number or task.state not in {TaskState.RUNNING, TaskState.LANDING}:
        raise Stopped(task.state)
    return task


def repo_of(task: Task) -> RepoConfig:
    """The task's repository. Raises PersonError when it left the configuration."""
    found = house().repos_of(task)
    if not found:
        raise PersonError(GONE)
    return found[0]


def phase(task_id: TaskId, words: str) -> None:
    """Say on the card what is being done now."""
    progress = house().progress.setdefault(task_id, Progress())
    progress.phase, progress.step = words, ""
    house().show(task_id, urgent=False)


async def unless_stopped(task_id: TaskId, number: int, work: Coroutine[object, object, T]) -> T:
    """Await `work`; when the task is stopped, cancel it, wait until it has cleaned up, and raise Stopped.

    The event tells of a click in this process at once; the look at the database of one in another.
    """
    running = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_until_stopped(task_id, number))
    try:
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return running.result()
        watching.result()  # the watcher's own failure is not a stop
        raise Stopped
    finally:
        for each in (running, watching):
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await each


async def _until_stopped(task_id: TaskId, number: int) -> None:
    event = house().stop_event(task_id)
    while True:
        try:
            await at_work(task_id, number)
        except Stopped:
            return
        except StoreUnavailable as error:
            log.warning("stop_not_looked_up", task=task_id, reason=str(error))  # an absent database stops nobody
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), LOOK_EVERY_S)


async def commit_message(task: Task) -> CommitMessage:
    """The bot is the author; who asked is the co-author, by the name that Slack shows."""
    try:
        name = (await house().chat.person(task.requester)).name
    except ChatError:
        name = task.requester
    safe = "".join(letter for letter in name if letter.isprintable() and letter not in "<>")
    subject = subject_of(task)
    body = f"{task.label}, attempt {task.attempt}, requested in Slack."
    return CommitMessage(subject=subject, body=body, co_author=f"{safe} <{task.requester}@slack.invalid>")


def subject_of(task: Task) -> str:
    """The first line of the request, cut to what a commit's subject line holds."""
    line = " ".join(plain_text(task.text).split()) or task.label
    return line if len(line) <= SUBJECT_CHARS else line[: SUBJECT_CHARS - 1] + "…"
