"""One visible post, whatever happens on the way."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.chat.pacing import Timing
from slackbot.chat.slack import SlackChat
from slackbot.core.errors import CardGone, ChatError, ThreadGone
from slackbot.core.say import Mention, say
from slackbot.core.task import MessageRef, TaskState, Thread
from slackbot.playground.model import Draft, Message
from slackbot.playground.server import LocalSlack
from tests.chat.conftest import CHANNEL, Clock
from tests.chat.samples import a_card, running
from tests.fakes.time import HastyTime

SAID = say("{who} asked for {task}", who=Mention(user="U0ANN"), task="T42")


def replies(slack: LocalSlack, thread: Thread) -> list[Message]:
    return slack.thread(thread.channel, thread.ts)[1:]


async def test_a_card_is_posted_with_its_key_and_pings_nobody(
    chat: SlackChat, slack: LocalSlack, thread: Thread
) -> None:
    ref = await chat.post_card(thread, running(), "card:T42", look_first=False)
    (card,) = replies(slack, thread)
    assert ref == MessageRef(channel=CHANNEL, ts=card.ts)
    assert card.metadata == {"event_type": "pitcrew", "event_payload": {"key": "card:T42"}}
    assert card.pings <= {"U0BEN"}  # the sample's rework decision names its author
    (call,) = slack.calls("chat.postMessage")
    assert call.arguments["unfurl_links"] is False
    assert call.arguments["unfurl_media"] is False


async def test_a_lost_reply_is_looked_up_before_posting_again(
    chat: SlackChat, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.lose_reply("chat.postMessage")
    ref = await chat.post(thread, SAID, "k1", look_first=False)
    assert [message.ts for message in replies(slack, thread)] == [ref.ts]


async def test_the_clients_own_retries_are_not_used(
    client: AsyncWebClient, clock: Clock, time: HastyTime, slack: LocalSlack, thread: Thread
) -> None:
    """They would post again after a lost reply, given the time."""
    chat = SlackChat(client, clock, timing=Timing(now=time.now, sleep=time.sleep), timeout_s=10)
    slack.faults.lose_reply("chat.postMessage")
    await chat.post(thread, SAID, "k1", look_first=False)
    assert len(slack.calls("chat.postMessage")) == 1
    assert client.retry_handlers != []  # the client itself is somebody else's too


@pytest.mark.parametrize("fault", ["lose_reply", "hang", "server_error", "rate_limit"])
@pytest.mark.parametrize("times", [1, 3])
async def test_there_is_one_post_after_any_fault(
    chat: SlackChat, slack: LocalSlack, thread: Thread, fault: str, times: int
) -> None:
    getattr(slack.faults, fault)("chat.postMessage", times)
    ref = await chat.post(thread, SAID, "k1", look_first=False)
    assert [message.ts for message in replies(slack, thread)] == [ref.ts]


async def test_a_failing_look_up_never_leads_to_a_second_post(
    chat: SlackChat, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.lose_reply("chat.postMessage")
    slack.faults.server_error("conversations.replies", 2)
    slack.faults.rate_limit("conversations.replies", 1)
    ref = await chat.post(thread, SAID, "k1", look_first=False)
    assert [message.ts for message in replies(slack, thread)] == [ref.ts]


async def test_an_outage_ends_in_an_error_that_says_unknown(
    chat: SlackChat, slack: LocalSlack, thread: Thread, time: HastyTime
) -> None:
    slack.faults.server_error("chat.postMessage", 20)
    with pytest.raises(ChatError) as caught:
        await chat.post(thread, SAID, "k1", look_first=False)
    assert (caught.value.retryable, caught.value.unknown) == (True, True)
    assert len(slack.calls("chat.postMessage")) == 5
    assert sum(time.slept) == pytest.approx(18)


async def test_looking_first_adopts_what_an_earlier_try_posted(
    chat: SlackChat, slack: LocalSlack, thread: Thread
) -> None:
    first = await chat.post_card(thread, running(), "card:T42", look_first=False)
    again = await chat.post_card(thread, running(), "card:T42", look_first=True)
    other = await chat.post_card(thread, running(), "card:T43", look_first=True)
    assert again == first
    assert other != first
    assert len(replies(slack, thread)) == 2


async def test_another_apps_message_with_our_key_is_not_adopted(
    chat: SlackChat, slack: LocalSlack, thread: Thread
) -> None:
    forged = {"event_type": "pitcrew", "event_payload": {"key": "card:T42"}}
    slack.workspace.post(
        Draft(channel=CHANNEL, user=None, bot_id="B0EVIL", text="x", thread_ts=thread.ts, metadata=forged)
    )
    ref = await chat.post_card(thread, running(), "card:T42", look_first=True)
    assert replies(slack, thread)[-1].ts == ref.ts
    assert len(replies(slack, thread)) == 2


async def test_a_post_far_down_a_long_thread_is_found(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    for number in range(250):
        slack.workspace.post(Draft(channel=CHANNEL, user="U0ANN", text=str(number), thread_ts=thread.ts))
    first = await chat.post(thread, SAID, "k1", look_first=False)
    assert await chat.post(thread, SAID, "k1", look_first=True) == first


async def test_retry_after_is_honoured(chat: SlackChat, slack: LocalSlack, thread: Thread, time: HastyTime) -> None:
    slack.faults.rate_limit("chat.postMessage", 2, retry_after_s=30)
    await chat.post(thread, SAID, "k1", look_first=False)
    assert sum(time.slept) == pytest.approx(60)


@pytest.mark.parametrize("fault", ["lose_reply", "hang", "server_error", "rate_limit"])
async def test_a_channel_post_is_made_once(chat: SlackChat, slack: LocalSlack, fault: str) -> None:
    getattr(slack.faults, fault)("chat.postMessage")
    sections = [say("*Landed*"), say("{task} by {who}", task="T42", who=Mention(user="U0ANN"))]
    first = await chat.post_in_channel("C0TEAM", sections, "summary:team:2026-11-20")
    again = await chat.post_in_channel("C0TEAM", sections, "summary:team:2026-11-20")
    assert again == first
    (message,) = slack.workspace.messages.top_level("C0TEAM")
    assert [block["text"]["text"] for block in message.blocks] == ["*Landed*", "T42 by <@U0ANN>"]


async def test_a_channel_post_that_is_too_long_says_so(chat: SlackChat, slack: LocalSlack) -> None:
    await chat.post_in_channel("C0TEAM", [say("{text}", text="x" * 2000)] * 60, "k")
    (message,) = slack.workspace.messages.top_level("C0TEAM")
    assert "more parts that found no room" in message.blocks[-1]["elements"][0]["text"]


async def test_a_person_is_written_to_directly_without_a_look_up(chat: SlackChat, slack: LocalSlack) -> None:
    ref = await chat.post_in_channel("U0ANN", [say("Your channel is archived.")], "elsewhere:T42:7")
    assert ref.channel == "D0ANN"
    assert slack.calls("conversations.history") == []


@pytest.mark.parametrize("code", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_a_thread_that_is_gone_is_told_as_such(
    chat: SlackChat, slack: LocalSlack, thread: Thread, code: str
) -> None:
    slack.faults.error("chat.postMessage", code)
    with pytest.raises(ThreadGone) as caught:
        await chat.post(thread, SAID, "k1", look_first=False)
    assert caught.value.reason == code


@pytest.mark.parametrize(
    "code", ["token_revoked", "account_inactive", "invalid_auth", "msg_too_long", "restricted_action"]
)
async def test_other_refusals_keep_slacks_word_and_are_not_repeated(
    chat: SlackChat, slack: LocalSlack, thread: Thread, code: str
) -> None:
    slack.faults.error("chat.postMessage", code)
    with pytest.raises(ChatError) as caught:
        await chat.post(thread, SAID, "k1", look_first=False)
    assert (type(caught.value), caught.value.reason) == (ChatError, code)
    assert (caught.value.retryable, caught.value.unknown) == (False, False)
    assert len(slack.calls("chat.postMessage")) == 1


async def test_an_edit_changes_the_card_in_place(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    ref = await chat.post_card(thread, running(), "card:T42", look_first=False)
    await chat.update_card(ref, a_card(TaskState.CANCELLED), urgent=True)
    (card,) = replies(slack, thread)
    assert "Stopped" in card.text
    assert card.metadata is not None


async def test_a_deleted_card_is_told_as_such(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    ref = await chat.post_card(thread, running(), "card:T42", look_first=False)
    slack.workspace.delete(ref.channel, ref.ts)
    with pytest.raises(CardGone):
        await chat.update_card(ref, running(), urgent=True)


async def test_a_card_of_an_archived_channel_is_a_thread_that_is_gone(
    chat: SlackChat, slack: LocalSlack, thread: Thread
) -> None:
    ref = await chat.post_card(thread, running(), "card:T42", look_first=False)
    slack.workspace.archive(CHANNEL)
    with pytest.raises(ThreadGone):
        await chat.update_card(ref, running(), urgent=False)


@pytest.mark.parametrize("fault", ["lose_reply", "hang", "server_error", "rate_limit"])
async def test_an_edit_survives_any_fault(chat: SlackChat, slack: LocalSlack, thread: Thread, fault: str) -> None:
    ref = await chat.post_card(thread, running(), "card:T42", look_first=False)
    getattr(slack.faults, fault)("chat.update", 2)
    await chat.update_card(ref, a_card(TaskState.CANCELLED), urgent=True)
    assert "Stopped" in replies(slack, thread)[0].text


async def test_an_answer_pings_nobody(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    await chat.post_answer(thread, "<!channel> <@U0ANN> **done**\n" * 400, "answer:T42", look_first=False)
    (answer,) = replies(slack, thread)
    assert answer.pings == frozenset()
    assert len(answer.blocks) > 1
