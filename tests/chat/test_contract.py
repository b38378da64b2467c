"""What every Chat promises, run on the fake and on Slack: the flows' tests may trust the fake."""

from collections.abc import AsyncIterator

import pytest

from slackbot.chat.slack import SlackChat
from slackbot.core.errors import CardGone, ChatError
from slackbot.core.ports import Chat
from slackbot.core.request import ButtonValue, MessageRequest
from slackbot.core.say import say
from slackbot.core.task import MessageRef, TaskState, Thread
from slackbot.playground.model import Draft
from slackbot.playground.server import LocalSlack
from tests.chat.samples import a_card, running
from tests.fakes.chat import FakeChat


class Stage:
    """One of the two, with the few things a test does behind its back."""

    def __init__(self, chat: Chat, thread: Thread, slack: LocalSlack | None = None) -> None:
        self.chat, self.thread, self._slack = chat, thread, slack

    def posted(self) -> list[str]:
        """The ts of what everybody sees in the thread, by us."""
        if self._slack:
            replies = self._slack.thread(self.thread.channel, self.thread.ts)[1:]
            return [message.ts for message in replies if message.ephemeral_for is None]
        assert isinstance(self.chat, FakeChat)
        refs = [*self.chat.cards, *(post.ref for post in self.chat.posts)]
        return sorted(ref.ts for ref in refs if ref.channel == self.thread.channel)

    def say(self, text: str, *, thread_ts: str | None = None) -> str:
        """Somebody writes; the message's ts."""
        channel = self.thread.channel
        if self._slack:
            draft = Draft(channel=channel, user="U0ANN", text=text, thread_ts=thread_ts)
            return self._slack.workspace.post(draft).ts
        assert isinstance(self.chat, FakeChat)
        ts = f"{1795143800 + len(self.chat.said)}.000000"
        thread = Thread(team="T0TEAM", channel=channel, ts=thread_ts or ts)
        said = MessageRequest(thread=thread, ts=ts, author="U0ANN", text=text, in_thread=thread_ts is not None)
        self.chat.said.append(said)
        return ts

    def refuse(self, method: str, slack_method: str) -> None:
        if self._slack:
            self._slack.faults.error(slack_method, "refused")
        else:
            assert isinstance(self.chat, FakeChat)
            self.chat.fail(method, ChatError("Slack", slack_method, "refused"))

    def delete(self, ref: MessageRef) -> None:
        if self._slack:
            self._slack.workspace.delete(ref.channel, ref.ts)
        else:
            assert isinstance(self.chat, FakeChat)
            self.chat.delete(ref)


@pytest.fixture(params=["fake", "slack"])
async def stage(request: pytest.FixtureRequest, chat: SlackChat, slack: LocalSlack) -> AsyncIterator[Stage]:
    if request.param == "fake":
        yield Stage(FakeChat(), Thread(team="T0TEAM", channel="C0INCIDENT", ts="1795143600.000100"))
        return
    message = slack.workspace.post(Draft(channel="C0INCIDENT", user="U0ANN", text="payments hang"))
    yield Stage(chat, Thread(team=slack.workspace.team_id, channel="C0INCIDENT", ts=message.ts), slack)


async def test_a_card_is_posted_once_under_its_key_and_edited_in_place(stage: Stage) -> None:
    ref = await stage.chat.post_card(stage.thread, running(), "card:T42", look_first=False)
    assert await stage.chat.post_card(stage.thread, running(), "card:T42", look_first=True) == ref
    await stage.chat.update_card(ref, a_card(TaskState.CANCELLED), urgent=True)
    assert stage.posted() == [ref.ts]


async def test_without_looking_the_same_key_is_posted_again(stage: Stage) -> None:
    first = await stage.chat.post(stage.thread, say("one"), "k", look_first=False)
    second = await stage.chat.post(stage.thread, say("one"), "k", look_first=False)
    assert first != second


async def test_a_deleted_card_is_gone_and_posted_anew(stage: Stage) -> None:
    ref = await stage.chat.post_card(stage.thread, running(), "card:T42", look_first=False)
    stage.delete(ref)
    with pytest.raises(CardGone):
        await stage.chat.update_card(ref, running(), urgent=True)
    assert await stage.chat.post_card(stage.thread, running(), "card:T42", look_first=True) != ref


async def test_answers_and_channel_posts_are_found_by_their_keys(stage: Stage) -> None:
    answer = await stage.chat.post_answer(stage.thread, "42", "answer:T42", look_first=True)
    assert await stage.chat.post_answer(stage.thread, "42", "answer:T42", look_first=True) == answer
    summary = await stage.chat.post_in_channel("C0TEAM", [say("*Landed*")], "summary:1")
    assert await stage.chat.post_in_channel("C0TEAM", [say("*Landed*")], "summary:1") == summary
    assert summary.channel == "C0TEAM"


async def test_what_nobody_flagged_is_a_full_member(stage: Stage) -> None:
    person = await stage.chat.person("U0ANN")
    assert (person.id, person.full_member, person.bot, person.deactivated) == ("U0ANN", True, False, False)


async def test_telling_leaves_nothing_in_the_thread_for_others(stage: Stage) -> None:
    await stage.chat.tell("U0ANN", stage.thread, say("only you"))
    assert stage.posted() == []


@pytest.mark.parametrize(
    ("method", "slack_method"),
    [
        ("post_card", "chat.postMessage"),
        ("post", "chat.postMessage"),
        ("post_answer", "chat.postMessage"),
        ("person", "users.info"),
        ("group_members", "usergroups.users.list"),
        ("ask_feedback", "views.open"),
        ("read_thread", "conversations.replies"),
        ("thread_since", "conversations.replies"),
        ("channel_since", "conversations.history"),
    ],
)
async def test_a_refusal_is_a_chat_error_and_the_next_call_goes_through(
    stage: Stage, method: str, slack_method: str
) -> None:
    stage.refuse(method, slack_method)
    calls = {
        "post_card": lambda: stage.chat.post_card(stage.thread, running(), "k", look_first=False),
        "post": lambda: stage.chat.post(stage.thread, say("one"), "k", look_first=False),
        "post_answer": lambda: stage.chat.post_answer(stage.thread, "one", "k", look_first=False),
        "person": lambda: stage.chat.person("U0ANN"),
        "group_members": lambda: stage.chat.group_members("S0ONCALL"),
        "ask_feedback": lambda: stage.chat.ask_feedback("1.2.3", ButtonValue(task=1, attempt=1), "Rework"),
        "read_thread": lambda: stage.chat.read_thread(stage.thread, "9999999999.000000"),
        "thread_since": lambda: stage.chat.thread_since(stage.thread, stage.thread.ts),
        "channel_since": lambda: stage.chat.channel_since(stage.thread.channel, stage.thread.ts, stage.thread.ts),
    }
    with pytest.raises(ChatError) as caught:
        await calls[method]()
    assert (caught.value.reason, caught.value.retryable) == ("refused", False)
    if method != "ask_feedback":  # Slack knows no such trigger
        await calls[method]()


async def test_what_was_said_since_then_is_read_with_its_keys(stage: Stage) -> None:
    begun = stage.thread.ts
    stage.say("before", thread_ts=begun)
    last = stage.say("heard", thread_ts=begun)
    await stage.chat.post(stage.thread, say("ours"), "k", look_first=False)
    reply = stage.say("missed", thread_ts=begun)
    new = stage.say("new")
    (message,) = await stage.chat.thread_since(stage.thread, last)
    assert (message.ts, message.text, message.thread, message.in_thread) == (reply, "missed", stage.thread, True)
    # A thread that began before the span is not looked into, its channel's new messages are read all the same.
    assert [said.ts for said in await stage.chat.channel_since(stage.thread.channel, last, begun)] == [new]
    earlier = f"{float(begun) - 1:.6f}"
    read = await stage.chat.channel_since(stage.thread.channel, last, earlier)
    assert [said.key for said in read] == [
        f"message:{stage.thread.team}:{stage.thread.channel}:{ts}" for ts in (reply, new)
    ]


async def test_links_are_of_the_web(stage: Stage) -> None:
    ref = await stage.chat.post(stage.thread, say("one"), "k", look_first=False)
    link = await stage.chat.permalink(ref)
    assert link is not None
    assert link.startswith("http")
