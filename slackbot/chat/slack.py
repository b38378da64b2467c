"""`core.ports.Chat` on Slack: which of this room's parts does what. Holds no rule of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.chat.answers import answer_blocks
from slackbot.chat.blocks import BLOCKS_LIMIT, MESSAGE_LIMIT, Block, context, section, size
from slackbot.chat.calls import Calls
from slackbot.chat.cards import Drawn, draw
from slackbot.chat.edits import Edits
from slackbot.chat.markup import mention, rendered
from slackbot.chat.missed import Missed
from slackbot.chat.modal import rework_modal
from slackbot.chat.pacing import Pacer, Rate, Timing, Urgency
from slackbot.chat.people import People
from slackbot.chat.posting import Place, Posting
from slackbot.chat.threads import Threads
from slackbot.chat.wire import Wire
from slackbot.core.card import Card
from slackbot.core.errors import ChatError
from slackbot.core.person import Person
from slackbot.core.request import ButtonValue, MessageRequest
from slackbot.core.say import Said
from slackbot.core.task import MessageRef, Thread, ThreadMessage

log = structlog.get_logger()

FALLBACK_LIMIT = 500


class SlackChat:
    """Slack out. The client's token and address are used, its retry handlers are not: they would post twice.

    Give the client an aiohttp session of yours to keep connections open. `clock` dates what is looked up;
    `timing` paces and backs off.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Callable[[], datetime],
        *,
        timing: Timing | None = None,
        rates: dict[str, Rate] | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        timing = timing or Timing()
        self._clock = clock
        self._calls = Calls(Wire(client, timeout_s), Pacer(timing, rates), timing)
        self._people = People(self._calls, clock)
        self._posting = Posting(self._calls, self._people, clock)
        self._threads = Threads(self._calls, self._people)
        self._missed = Missed(self._calls, self._people)
        self._edits = Edits(self._calls)

    async def post_card(self, thread: Thread, card: Card, key: str, *, look_first: bool) -> MessageRef:
        return await self._posting.post(_under(thread), draw(card), key, Urgency.STATE, look_first=look_first)

    async def update_card(self, ref: MessageRef, card: Card, *, urgent: bool) -> None:
        await self._edits.write(ref, draw(card), Urgency.STATE if urgent else Urgency.PROGRESS)

    async def post(self, thread: Thread, said: Said, key: str, *, look_first: bool) -> MessageRef:
        drawn = _message(rendered(said))
        return await self._posting.post(_under(thread), drawn, key, Urgency.ANSWER, look_first=look_first)

    async def post_answer(self, thread: Thread, answer: str, key: str, *, look_first: bool) -> MessageRef:
        drawn = Drawn(*answer_blocks(answer))
        return await self._posting.post(_under(thread), drawn, key, Urgency.ANSWER, look_first=look_first)

    async def post_in_channel(self, channel: str, sections: Sequence[Said], key: str) -> MessageRef:
        """Looks first, always: such posts are rare, and twice is worse than late."""
        drawn = Drawn(_page([rendered(said) for said in sections]), rendered(sections[0], FALLBACK_LIMIT))
        return await self._posting.post(Place(channel=channel), drawn, key, Urgency.ANSWER, look_first=True)

    async def tell(self, user: str, thread: Thread, said: Said) -> None:
        text = rendered(said)
        drawn = _message(text)
        only_them = {"channel": thread.channel, "thread_ts": thread.ts, "user": user}
        try:
            await self._calls.repeatable(
                "chat.postEphemeral", {**only_them, "text": drawn.text, "blocks": drawn.blocks, **_NO_UNFURLING}
            )
        except ChatError as error:
            if error.retryable:
                raise
            log.warning("told_everybody", reason=error.reason)
            await self._tell_everybody(user, thread, text)

    async def _tell_everybody(self, user: str, thread: Thread, text: str) -> None:
        who = mention(user)
        shown = text if who in text else f"{who} {text}"
        key = f"tell:{user}:{self._clock().isoformat()}"
        await self._posting.post(_under(thread), _message(shown), key, Urgency.ANSWER, look_first=False)

    async def ask_feedback(self, trigger_id: str, value: ButtonValue, title: str) -> None:
        """At once and once: a trigger lives 3 s, waiting would only lose it."""
        await self._calls.now("views.open", {"trigger_id": trigger_id, "view": rework_modal(value, title)})

    async def read_thread(self, thread: Thread, before_ts: str) -> list[ThreadMessage]:
        return await self._threads.read(thread, before_ts)

    async def thread_since(self, thread: Thread, after_ts: str) -> list[MessageRequest]:
        return await self._missed.in_thread(thread, after_ts)

    async def channel_since(self, channel: str, after_ts: str, begun_ts: str) -> list[MessageRequest]:
        return await self._missed.in_channel(channel, after_ts, begun_ts)

    async def person(self, user: str) -> Person:
        return await self._people.person(user)

    async def group_members(self, group: str) -> frozenset[str]:
        return await self._people.group_members(group)

    async def permalink(self, ref: MessageRef) -> str | None:
        try:
            answer = await self._calls.repeatable("chat.getPermalink", {"channel": ref.channel, "message_ts": ref.ts})
        except ChatError as error:
            if error.retryable:
                raise
            log.info("no_permalink", reason=error.reason)
            return None
        return str(answer["permalink"]) if answer.get("permalink") else None


_NO_UNFURLING = {"unfurl_links": False, "unfurl_media": False}


def _under(thread: Thread) -> Place:
    return Place(channel=thread.channel, thread_ts=thread.ts)


def _message(text: str) -> Drawn:
    return Drawn([section(text)], text)


def _page(texts: list[str]) -> list[Block]:
    """As many sections as one message holds, and a word about the others."""
    blocks: list[Block] = []
    for place, text in enumerate(texts):
        if size([*blocks, section(text)]) > MESSAGE_LIMIT - 200 or len(blocks) == BLOCKS_LIMIT - 1:
            blocks.append(context(f"… and {len(texts) - place} more parts that found no room here."))
            break
        blocks.append(section(text))
    return blocks
