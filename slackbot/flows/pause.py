"""`@bot pause` and `resume`: no new attempt begins meanwhile, those that run go on to their end."""

import asyncio

import structlog

from slackbot.core import policy
from slackbot.core.errors import ChatError
from slackbot.core.request import MessageRequest
from slackbot.core.say import Mention, Said, say
from slackbot.core.task import TaskId, TaskState
from slackbot.flows.house import house
from slackbot.store import pauses, tasks
from slackbot.store.database import Transaction

log = structlog.get_logger()
LOOK_EVERY_S = 1.0
WORDS = frozenset({"pause", "resume"})
PAUSED = (
    "Paused. Attempts that run go on to their end, nothing new begins until somebody says `resume`. {queued} waiting."
)
PAUSED_ALREADY = "I am paused already, by {who}. Say `resume` to go on."
RESUMED = "Going on: {queued} waiting."
NOT_PAUSED = "I am not paused."
NOT_LOOKED_UP = "I could not look you up in Slack ({reason}), so nothing changed. Please say it again."


async def pause_or_resume(message: MessageRequest, word: str) -> Said:
    """Do it when the author is an admin; what to answer. Roles are looked up now and closed when that fails."""
    admins = house().config.bot.admins
    try:
        person = await house().chat.person(message.author)
        members = {group: await house().chat.group_members(group) for group in policy.groups_of(admins)}
    except ChatError as error:
        return say(NOT_LOOKED_UP, reason=error.reason)
    refusal = policy.why_not_pause(person, admins, members)
    if refusal is not None:
        return refusal
    change = _pause if word == "pause" else _resume
    said = await house().db.write(change, message.author)
    log.info("bot_switched", word=word, by=message.author)
    for task in await house().db.read(tasks.in_states, {TaskState.QUEUED}):
        house().show(task.id)
    return said


def _pause(tx: Transaction, by: str) -> Said:
    if not pauses.begin(tx, by, house().clock()):
        return say(PAUSED_ALREADY, who=Mention(user=pauses.by_whom(tx) or by))
    return say(PAUSED, queued=len(tasks.in_states(tx, {TaskState.QUEUED})))


def _resume(tx: Transaction, by: str) -> Said:
    if not pauses.end(tx):
        return say(NOT_PAUSED)
    return say(RESUMED, queued=len(tasks.in_states(tx, {TaskState.QUEUED})))


async def until_resumed(task: TaskId) -> None:
    """Wait while the bot is paused, unless the task leaves the queue; at most as many wait here as may run at once."""
    while await house().db.read(_holds_back, task):  # noqa: ASYNC110 another process may say resume
        await asyncio.sleep(LOOK_EVERY_S)


def _holds_back(tx: Transaction, task: TaskId) -> bool:
    return pauses.by_whom(tx) is not None and tasks.get(tx, task).state is TaskState.QUEUED
