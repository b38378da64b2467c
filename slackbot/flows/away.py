"""Hears what was said while the bot was away, as if it had been there. Decides nothing about what is said.

Slack sends an event again for some minutes only, and Socket Mode to nobody who is not connected. So channels and the
threads of open tasks are read once at each start; the inbox's keys make what was heard before harmless.
"""

from datetime import datetime, timedelta
from typing import TypedDict

import structlog

from slackbot.core.errors import ChatError
from slackbot.core.reading import slack_time
from slackbot.core.request import MessageRequest
from slackbot.core.task import OPEN, TaskId
from slackbot.flows.engine import durable, step
from slackbot.flows.house import House, house
from slackbot.store import heard, tasks
from slackbot.store.database import Transaction

log = structlog.get_logger()

LONGEST = timedelta(hours=24)
OVERLAP = timedelta(minutes=5)  # our clock is not Slack's
TALKED_TO_US = timedelta(days=30)
CHANNELS = 50


class Span(TypedDict):
    """Where to listen, and from when: as Slack's ts."""

    after: str
    begun: str
    channels: list[str]
    tasks: list[int]


async def last_heard_at(house: House) -> datetime | None:
    """Ask before anything new can come in, and hand it to `listen`."""
    return await house.db.read(heard.last_at)


async def listen(house: House, heard_at: datetime | None) -> None:
    """Start catching up; a bot that never heard anything has missed nothing. A crash in between is gone on from."""
    if heard_at is not None:
        key = f"while-away:{house.clock().isoformat()}"
        await house.engine.start(while_away, key, heard_at.isoformat())


@durable
async def while_away(heard_at: str) -> None:
    """Read every place where somebody may have spoken to us."""
    span = await where_to_listen(heard_at)
    for channel in span["channels"]:
        await hear_channel(channel, span["after"], span["begun"])
    for task_id in span["tasks"]:
        await hear_thread(task_id)
    log.info("while_away_ended", channels=len(span["channels"]), threads=len(span["tasks"]))


@step
async def where_to_listen(heard_at: str) -> Span:
    """Configured channels, those where people talked to us of late, and the threads of open tasks."""
    now = house().clock()
    begun = now - LONGEST
    configured = [channel.id for channel in house().config.channels]
    lately = await house().db.read(heard.channels, now - TALKED_TO_US, CHANNELS)
    return {
        "after": slack_time(max(begun, datetime.fromisoformat(heard_at) - OVERLAP)),
        "begun": slack_time(begun),
        "channels": list(dict.fromkeys([*configured, *lately])),
        "tasks": list(await house().db.read(tasks.ids_in_states, OPEN)),
    }


@step
async def hear_channel(channel: str, after: str, begun: str) -> None:
    """Hear what was said in a channel; one that cannot be read is passed over."""
    try:
        said = await house().chat.channel_since(channel, after, begun)
    except ChatError as error:
        log.warning("channel_not_heard", channel=channel, reason=error.reason)
        return
    await _hear(said)


@step
async def hear_thread(task_id: int) -> None:
    """Hear what was said in the thread of an open task since the last message that was kept for it."""

    def query(tx: Transaction) -> str:
        return heard.last_ts(tx, task)

    task = await house().db.read(tasks.get, TaskId(task_id))
    try:
        said = await house().chat.thread_since(task.thread, await house().db.read(query))
    except ChatError as error:
        log.warning("thread_not_heard", task=task_id, reason=error.reason)
        return
    await _hear(said)


async def _hear(said: list[MessageRequest]) -> None:
    for message in said:
        news = await house().db.read(heard.unheard, message)
        if news is not None and await house().receive(news):
            log.info("heard_late", key=news.key)
