"""What was said while nobody listened, read from a channel's history."""

from slackbot.chat.missed import CHANNEL_MESSAGES
from slackbot.chat.slack import SlackChat
from slackbot.core.task import Thread
from slackbot.playground.model import Draft
from slackbot.playground.server import LocalSlack
from tests.chat.conftest import BOT, CHANNEL

LONG_AGO = "1000000000.000000"


def post(slack: LocalSlack, text: str, thread_ts: str | None = None) -> str:
    return slack.workspace.post(Draft(channel=CHANNEL, user="U0BEN", text=text, thread_ts=thread_ts)).ts


async def test_it_is_read_as_its_event_would_have_been(chat: SlackChat, slack: LocalSlack) -> None:
    alert = slack.workspace.post_as_bot("Grafana", CHANNEL, "p99")
    mention = post(slack, f"<@{BOT}> fix it", alert)
    team = slack.workspace.team_id
    first, second = await chat.channel_since(CHANNEL, LONG_AGO, LONG_AGO)
    assert (first.author_is_bot, first.names_bot, first.in_thread) == (True, False, False)
    assert (second.key, second.author) == (f"message:{team}:{CHANNEL}:{mention}", "U0BEN")
    assert (second.names_bot, second.in_thread, second.thread) == (
        True,
        True,
        Thread(team=team, channel=CHANNEL, ts=alert),
    )


async def test_an_edited_message_carries_the_time_of_its_edit(chat: SlackChat, slack: LocalSlack) -> None:
    ts = post(slack, "fix this")
    edited = slack.workspace.edit(CHANNEL, ts, "U0BEN", text="fix that")
    (message,) = await chat.channel_since(CHANNEL, LONG_AGO, LONG_AGO)
    assert (message.text, message.edited_ts) == ("fix that", edited.edited_ts)


async def test_an_old_thread_with_news_is_read_from_where_we_stopped(chat: SlackChat, slack: LocalSlack) -> None:
    alert = slack.workspace.post_as_bot("Grafana", CHANNEL, "p99")
    heard = post(slack, "heard", alert)
    missed = post(slack, "missed", alert)
    quiet = post(slack, "nobody answers")
    read = await chat.channel_since(CHANNEL, heard, LONG_AGO)
    assert [message.ts for message in read] == [missed, quiet]
    assert await chat.channel_since(CHANNEL, quiet, LONG_AGO) == []


async def test_of_a_busy_channel_the_newest_are_read(chat: SlackChat, slack: LocalSlack) -> None:
    stamps = [post(slack, f"message {number}") for number in range(CHANNEL_MESSAGES + 5)]
    assert [message.ts for message in await chat.channel_since(CHANNEL, LONG_AGO, LONG_AGO)] == stamps[5:]


async def test_a_long_thread_is_read_page_by_page(chat: SlackChat, slack: LocalSlack) -> None:
    begun = post(slack, "begun")
    stamps = [post(slack, f"reply {number}", begun) for number in range(450)]
    thread = Thread(team=slack.workspace.team_id, channel=CHANNEL, ts=begun)
    assert [message.ts for message in await chat.thread_since(thread, begun)] == stamps
