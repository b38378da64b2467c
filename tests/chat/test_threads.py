"""A thread as the agent reads it."""

import pytest

from slackbot.chat.slack import SlackChat
from slackbot.core.errors import ChatError, ThreadGone
from slackbot.core.say import say
from slackbot.core.task import Thread, ThreadMessage
from slackbot.playground.model import Draft
from slackbot.playground.server import LocalSlack
from tests.chat.conftest import BOT, CHANNEL
from tests.chat.samples import running

ALERT = {
    "color": "#f00",
    "title": "PaymentLatencyHigh",
    "title_link": "https://grafana.example/a?b=1&c=2",
    "text": "p99 is *31 s* on `checkout`",
    "fields": [{"title": "service", "value": "checkout", "short": True}, {"title": "since", "value": "02:41"}],
    "fallback": "[FIRING] PaymentLatencyHigh",
    "footer": "Grafana",
}


async def read(chat: SlackChat, slack: LocalSlack, thread: Thread) -> list[ThreadMessage]:
    return await chat.read_thread(thread, slack.workspace.ids.ts())


def reply(slack: LocalSlack, thread: Thread, text: str, user: str = "U0BEN") -> None:
    slack.workspace.post(Draft(channel=CHANNEL, user=user, text=text, thread_ts=thread.ts))


@pytest.fixture
async def alert(slack: LocalSlack) -> Thread:
    ts = slack.workspace.post_as_bot("Grafana", CHANNEL, "", attachments=[ALERT])
    return Thread(team=slack.workspace.team_id, channel=CHANNEL, ts=ts)


async def test_an_alert_is_read_with_its_attachment(chat: SlackChat, slack: LocalSlack, alert: Thread) -> None:
    (message,) = await read(chat, slack, alert)
    assert (message.author, message.bot, message.ts) == ("Grafana", True, alert.ts)
    assert message.text.splitlines() == [
        "PaymentLatencyHigh (https://grafana.example/a?b=1&c=2)",
        "p99 is *31 s* on `checkout`",
        "service: checkout",
        "since: 02:41",
        "Grafana",
    ]


async def test_people_are_read_by_name_and_in_order(chat: SlackChat, slack: LocalSlack, alert: Thread) -> None:
    reply(slack, alert, "<@U0ANN> is it the deploy? see <https://a.example|the diff> &amp; logs", user="U0BEN")
    reply(slack, alert, "yes", user="U0ANN")
    messages = await read(chat, slack, alert)
    assert [(message.author, message.author_id, message.bot) for message in messages[1:]] == [
        ("ben", "U0BEN", False),
        ("ann", "U0ANN", False),
    ]
    assert messages[1].text == "@ann is it the deploy? see the diff (https://a.example) & logs"


async def test_only_what_stands_before_is_read(chat: SlackChat, slack: LocalSlack, alert: Thread) -> None:
    before = slack.workspace.post(Draft(channel=CHANNEL, user="U0BEN", text="before", thread_ts=alert.ts))
    mention = slack.workspace.post(Draft(channel=CHANNEL, user="U0BEN", text="mention", thread_ts=alert.ts))
    reply(slack, alert, "after")
    messages = await chat.read_thread(alert, mention.ts)
    assert [message.ts for message in messages] == [alert.ts, before.ts]


async def test_a_mention_outside_a_thread_costs_no_call(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    assert await chat.read_thread(thread, thread.ts) == []
    assert slack.calls() == []


async def test_our_card_is_left_out_and_our_answers_are_kept(chat: SlackChat, slack: LocalSlack, alert: Thread) -> None:
    await chat.post_card(alert, running(), "card:T42", look_first=False)
    await chat.post(alert, say("The timeout is {seconds} s.", seconds=30), "k", look_first=False)
    messages = await read(chat, slack, alert)
    assert [(message.author_id, message.text, message.bot) for message in messages[1:]] == [
        (BOT, "The timeout is 30 s.", True)
    ]


async def test_of_a_long_thread_the_first_and_the_newest_are_kept(
    chat: SlackChat, slack: LocalSlack, alert: Thread
) -> None:
    for number in range(450):
        reply(slack, alert, f"message {number}")
    messages = await read(chat, slack, alert)
    assert len(messages) == 200
    assert messages[0].ts == alert.ts
    assert [message.text for message in messages[1:]] == [f"message {number}" for number in range(251, 450)]


async def test_a_name_that_is_not_found_is_no_reason_to_read_nothing(
    chat: SlackChat, slack: LocalSlack, alert: Thread
) -> None:
    reply(slack, alert, "hello")
    slack.faults.error("users.info", "user_not_found")
    messages = await read(chat, slack, alert)
    assert messages[1].author == "U0BEN"


async def test_reading_survives_a_429_and_an_outage(chat: SlackChat, slack: LocalSlack, alert: Thread) -> None:
    slack.faults.rate_limit("conversations.replies", retry_after_s=5)
    slack.faults.lose_reply("conversations.replies")
    slack.faults.server_error("conversations.replies")
    assert len(await read(chat, slack, alert)) == 1


async def test_a_thread_that_cannot_be_read_is_an_error(chat: SlackChat, slack: LocalSlack, alert: Thread) -> None:
    slack.faults.server_error("conversations.replies", 9)
    with pytest.raises(ChatError) as caught:
        await read(chat, slack, alert)
    assert caught.value.retryable
    slack.faults.clear()
    with pytest.raises(ThreadGone):
        await chat.read_thread(Thread(team="T1", channel="C0ELSEWHERE", ts="1.0"), "2.0")
