"""What one person sees: ephemeral answers, the modal, links."""

import pytest

from slackbot.chat.slack import SlackChat
from slackbot.core.errors import ChatError
from slackbot.core.request import ButtonValue
from slackbot.core.say import Mention, say
from slackbot.core.task import MessageRef, Thread
from slackbot.playground.server import LocalSlack
from tests.chat.conftest import CHANNEL

SAID = say("T42 was approved by {who} before.", who=Mention(user="U0BEN"))
VALUE = ButtonValue(task=42, attempt=2, head_sha="4f0c")


async def test_a_person_is_told_where_only_they_see_it(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    await chat.tell("U0ANN", thread, SAID)
    told = slack.workspace.transcript(thread.channel, thread.ts)
    assert "was approved by" in told
    assert slack.calls("chat.postMessage") == []
    assert slack.calls("chat.postEphemeral")[0].arguments["thread_ts"] == thread.ts


@pytest.mark.parametrize("code", ["user_not_in_channel", "channel_not_found", "restricted_action"])
async def test_where_slack_cannot_the_thread_is_told_with_their_name(
    chat: SlackChat, slack: LocalSlack, thread: Thread, code: str
) -> None:
    slack.faults.error("chat.postEphemeral", code)
    await chat.tell("U0ANN", thread, SAID)
    assert slack.thread(CHANNEL, thread.ts)[-1].text == "<@U0ANN> T42 was approved by <@U0BEN> before."


async def test_an_outage_is_no_reason_to_tell_everybody(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    slack.faults.server_error("chat.postEphemeral", 9)
    with pytest.raises(ChatError) as caught:
        await chat.tell("U0ANN", thread, SAID)
    assert caught.value.retryable
    assert slack.calls("chat.postMessage") == []


async def test_an_expired_trigger_is_told_by_slacks_word_at_once(chat: SlackChat, slack: LocalSlack) -> None:
    slack.faults.error("views.open", "expired_trigger_id")
    with pytest.raises(ChatError) as caught:
        await chat.ask_feedback("1.2.3", VALUE, "Rework T42")
    assert caught.value.reason == "expired_trigger_id"
    assert len(slack.calls("views.open")) == 1


async def test_the_modal_asks_one_question_and_carries_the_click(chat: SlackChat, slack: LocalSlack) -> None:
    with pytest.raises(ChatError):  # no such trigger; what was asked for is recorded all the same
        await chat.ask_feedback("1.2.3", VALUE, "Rework T42 of a very long name")
    view = slack.calls("views.open")[0].arguments["view"]
    assert view["callback_id"] == "rework"
    assert ButtonValue.model_validate_json(view["private_metadata"]) == VALUE
    assert len(view["title"]["text"]) <= 24
    (question,) = view["blocks"]
    assert (question["block_id"], question["element"]["action_id"]) == ("feedback", "text")


async def test_a_message_has_a_link(chat: SlackChat, thread: Thread) -> None:
    link = await chat.permalink(MessageRef(channel=CHANNEL, ts=thread.ts))
    assert link is not None
    assert link.startswith("http")


async def test_without_a_link_there_is_none(chat: SlackChat, slack: LocalSlack, thread: Thread) -> None:
    slack.faults.error("chat.getPermalink", "unknown_method")
    assert await chat.permalink(MessageRef(channel=CHANNEL, ts=thread.ts)) is None
