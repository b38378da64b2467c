"""A Chat in memory: remembers cards, posts and tells, and fails when told to."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from slackbot.core.card import Card
from slackbot.core.errors import CardGone, ChatError
from slackbot.core.person import Person
from slackbot.core.request import ButtonValue, MessageRequest
from slackbot.core.say import Fact, Link, Mention, Said, Words
from slackbot.core.task import MessageRef, Thread, ThreadMessage


@dataclass(frozen=True)
class Post:
    """`thread` None: at the top level of the channel."""

    ref: MessageRef
    thread: Thread | None
    key: str
    text: str


@dataclass(frozen=True)
class Told:
    user: str
    thread: Thread
    text: str


@dataclass(frozen=True)
class Asked:
    trigger_id: str
    value: ButtonValue
    title: str


@dataclass
class _Failure:
    error: Exception
    after_effect: bool


@dataclass
class FakeChat:
    """`cards`: every version of each card, oldest first. `people`: who is not in it is a full member.

    `said`: what the history of channels and threads holds. `failures`: how many calls of a method
    were made to fail. `said_in_channel`: the sections of the posts in channels, as they were handed over.
    """

    team: str = "T0TEAM"
    cards: dict[MessageRef, list[Card]] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    threads: dict[Thread, list[ThreadMessage]] = field(default_factory=dict)
    said: list[MessageRequest] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    said_in_channel: list[tuple[Said, ...]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    _keys: dict[tuple[str, str | None, str], MessageRef] = field(default_factory=dict)
    _failures: dict[str, deque[_Failure]] = field(default_factory=lambda: defaultdict(deque))
    _clock: int = 1795143700

    def fail(self, method: str, error: Exception, times: int = 1) -> None:
        """The next calls of `method` (post_card, tell, …) raise `error` and do nothing."""
        self._failures[method].extend([_Failure(error, after_effect=False)] * times)

    def recover(self, method: str) -> None:
        """The method works again, whatever it was told before."""
        self._failures[method].clear()

    def lose_reply(self, method: str) -> None:
        """The next call of `method` does what was asked and raises a ChatError that says `unknown`."""
        error = ChatError("Slack", method, "TimeoutError", retryable=True, unknown=True)
        self._failures[method].append(_Failure(error, after_effect=True))

    def delete(self, ref: MessageRef) -> None:
        """Somebody deletes a message."""
        self.cards.pop(ref, None)
        self.posts = [post for post in self.posts if post.ref != ref]
        self._keys = {key: there for key, there in self._keys.items() if there != ref}

    def card(self, ref: MessageRef) -> Card:
        """What a card shows now."""
        return self.cards[ref][-1]

    def texts(self, thread: Thread) -> list[str]:
        """What was posted into a thread, cards aside."""
        return [post.text for post in self.posts if post.thread == thread]

    async def post_card(self, thread: Thread, card: Card, key: str, *, look_first: bool) -> MessageRef:
        self._before("post_card")
        ref, is_new = self._place(thread.channel, thread.ts, key, look_first=look_first)
        if is_new:
            self.cards[ref] = [card]
        self._after("post_card")
        return ref

    async def update_card(self, ref: MessageRef, card: Card, *, urgent: bool) -> None:
        self._before("update_card")
        if ref not in self.cards:
            raise CardGone("Slack", "chat.update", "message_not_found")
        self.cards[ref].append(card)
        self._after("update_card")

    async def post(self, thread: Thread, said: Said, key: str, *, look_first: bool) -> MessageRef:
        self._before("post")
        ref = self._post(thread.channel, thread, key, spoken(said), look_first=look_first)
        self._after("post")
        return ref

    async def post_answer(self, thread: Thread, answer: str, key: str, *, look_first: bool) -> MessageRef:
        self._before("post_answer")
        ref = self._post(thread.channel, thread, key, answer, look_first=look_first)
        self._after("post_answer")
        return ref

    async def post_in_channel(self, channel: str, sections: Sequence[Said], key: str) -> MessageRef:
        self._before("post_in_channel")
        text = "\n".join(spoken(said) for said in sections)
        self.said_in_channel.append(tuple(sections))
        ref = self._post(channel, None, key, text, look_first=True)
        self._after("post_in_channel")
        return ref

    async def tell(self, user: str, thread: Thread, said: Said) -> None:
        self._before("tell")
        self.told.append(Told(user, thread, spoken(said)))
        self._after("tell")

    async def ask_feedback(self, trigger_id: str, value: ButtonValue, title: str) -> None:
        self._before("ask_feedback")
        self.asked.append(Asked(trigger_id, value, title))
        self._after("ask_feedback")

    async def read_thread(self, thread: Thread, before_ts: str) -> list[ThreadMessage]:
        self._before("read_thread")
        return [message for message in self.threads.get(thread, []) if message.ts < before_ts]

    async def thread_since(self, thread: Thread, after_ts: str) -> list[MessageRequest]:
        self._before("thread_since")
        return self._said_after(after_ts, lambda said: said.in_thread and said.thread == thread)

    async def channel_since(self, channel: str, after_ts: str, begun_ts: str) -> list[MessageRequest]:
        self._before("channel_since")
        return self._said_after(after_ts, lambda said: said.thread.channel == channel and said.thread.ts > begun_ts)

    async def person(self, user: str) -> Person:
        self._before("person")
        return self.people.get(user) or Person(id=user, name=user.lower(), full_member=True)

    async def group_members(self, group: str) -> frozenset[str]:
        self._before("group_members")
        return self.groups.get(group, frozenset())

    async def permalink(self, ref: MessageRef) -> str | None:
        self._before("permalink")
        return f"https://slack.example/archives/{ref.channel}/p{ref.ts.replace('.', '')}"

    def _said_after(self, ts: str, wanted: Callable[[MessageRequest], bool]) -> list[MessageRequest]:
        return sorted((said for said in self.said if said.ts > ts and wanted(said)), key=lambda said: said.ts)

    def _before(self, method: str) -> None:
        if self._failures[method] and not self._failures[method][0].after_effect:
            raise self._fail(method)

    def _after(self, method: str) -> None:
        if self._failures[method] and self._failures[method][0].after_effect:
            raise self._fail(method)

    def _fail(self, method: str) -> Exception:
        self.failures[method] += 1
        return self._failures[method].popleft().error

    def _post(self, channel: str, thread: Thread | None, key: str, text: str, *, look_first: bool) -> MessageRef:
        ref, is_new = self._place(channel, thread.ts if thread else None, key, look_first=look_first)
        if is_new:
            self.posts.append(Post(ref, thread, key, text))
        return ref

    def _place(self, channel: str, thread_ts: str | None, key: str, *, look_first: bool) -> tuple[MessageRef, bool]:
        there = self._keys.get((channel, thread_ts, key))
        if look_first and there:
            return there, False
        self._clock += 1
        ref = MessageRef(channel=channel, ts=f"{self._clock}.000000")
        self._keys[channel, thread_ts, key] = ref
        return ref, True


def spoken(said: Said) -> str:
    """The sentence as plain text: <@U1> for a mention, the text of a link."""
    return said.template.format(**{name: _plain(fact) for name, fact in said.facts.items()})


def _plain(fact: Fact) -> str:
    match fact:
        case Mention(user=user):
            return f"<@{user}>"
        case Link(text=text):
            return text
        case Words(text=text, limit=limit):
            return text[:limit]
        case _:
            return str(fact)
