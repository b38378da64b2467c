"""What was said while the bot was away reaches the inbox once, whatever happens in between."""

from datetime import timedelta

import pytest_asyncio

from slackbot.core.config import ChannelConfig, Config
from slackbot.core.errors import ThreadGone
from slackbot.core.reading import slack_time
from slackbot.core.request import MessageRequest
from slackbot.core.task import TaskState, Thread
from slackbot.flows import away
from slackbot.flows.intake import Intake
from slackbot.store import inbox
from tests.flows.home import FRIDAY_NINE, Home
from tests.flows.seed import a_task

CONFIG = Config(channels=(ChannelConfig(id="C1"), ChannelConfig(id="C2")))


def said(
    minutes_ago: float, *, channel: str = "C1", thread: str | None = None, names_bot: bool = True
) -> MessageRequest:
    ts = slack_time(FRIDAY_NINE - timedelta(minutes=minutes_ago))
    where = Thread(team="T1", channel=channel, ts=thread or ts)
    return MessageRequest(
        thread=where, ts=ts, author="U1", text="fix it", names_bot=names_bot, direct=channel.startswith("D"),
        in_thread=thread is not None,
    )  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def listener(home: Home) -> Home:
    """The bot was last spoken to half an hour ago, in a direct message."""
    house = await home.furnish(CONFIG)
    Intake(house)
    await house.db.write(inbox.keep, said(30, channel="D1"), FRIDAY_NINE - timedelta(minutes=30))
    return home


async def catch_up(home: Home) -> list[str]:
    """The keys that came in."""
    before = set(await home.house.db.read(inbox.unhandled))
    await away.listen(home.house, await away.last_heard_at(home.house))
    await home.flow_ended(f"while-away:{home.clock().isoformat()}")
    home.clock.pass_by(seconds=1)
    return sorted(set(await home.house.db.read(inbox.unhandled)) - before)


async def test_channels_direct_messages_and_their_threads_are_heard_once(listener: Home) -> None:
    news = [said(20), said(10, channel="C2"), said(5, channel="D1"), said(2, thread=said(25).ts)]
    listener.chat.said += [*news, said(40), said(1, channel="C9"), said(3, names_bot=False)]
    assert await catch_up(listener) == sorted(message.key for message in news)
    assert await catch_up(listener) == []


async def test_threads_of_open_tasks_are_heard_from_their_last_message(listener: Home) -> None:
    task = await a_task(listener, TaskState.AWAITING_APPROVAL)
    over = await a_task(listener, TaskState.DONE)
    late = said(2000, thread=task.thread.ts, names_bot=False)
    listener.chat.said += [late, said(2001, thread=over.thread.ts)]
    assert await catch_up(listener) == [late.key]


async def test_a_bot_that_never_heard_anything_has_missed_nothing(home: Home) -> None:
    Intake(await home.furnish(CONFIG))
    home.chat.said.append(said(1))
    await away.listen(home.house, await away.last_heard_at(home.house))
    assert await home.house.db.read(inbox.unhandled) == []


async def test_no_more_than_a_day_is_heard(listener: Home) -> None:
    listener.clock.pass_by(days=2)
    listener.chat.said.append(said(1))
    assert await catch_up(listener) == []


async def test_a_channel_that_is_gone_does_not_hide_the_others(listener: Home) -> None:
    listener.chat.fail("channel_since", ThreadGone("Slack", "conversations.history", "not_in_channel"))
    listener.chat.said += [said(10), said(10, channel="C2")]
    assert await catch_up(listener) == [said(10, channel="C2").key]


async def test_what_came_in_since_the_start_does_not_hide_what_came_before(listener: Home) -> None:
    heard_at = await away.last_heard_at(listener.house)
    await listener.house.receive(said(0))
    listener.chat.said.append(said(10))
    await away.listen(listener.house, heard_at)
    await listener.flow_ended(f"while-away:{listener.clock().isoformat()}")
    assert said(10).key in await listener.house.db.read(inbox.unhandled)
