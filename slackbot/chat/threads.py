"""Reads a thread as an agent should see it: authors by name, other bots' alerts as text. Posts nothing."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import structlog

from slackbot.chat.calls import Calls
from slackbot.chat.cards import CARD_BLOCK
from slackbot.chat.flatten import message_text
from slackbot.chat.people import Me, People, shown_name
from slackbot.core.errors import ChatError
from slackbot.core.mrkdwn import mentioned, plain_text
from slackbot.core.task import Thread, ThreadMessage

log = structlog.get_logger()

MESSAGES = 200  # the first and the newest are kept
PAGE = 200
PAGES = 50
NAMES = 50  # people looked up for one thread

Json = Mapping[str, Any]


class Threads:
    def __init__(self, calls: Calls, people: People) -> None:
        self._calls, self._people = calls, people

    async def read(self, thread: Thread, before_ts: str) -> list[ThreadMessage]:
        """The thread's messages before `before_ts`, oldest first, our own cards left out. Raises ChatError."""
        if before_ts <= thread.ts:
            return []
        me = await self._people.me()
        messages = [message for message in await self._pages(thread, before_ts) if not _is_card(message, me)]
        texts = [message_text(message) for message in messages]
        names = await self._names(messages, texts)
        return [
            _read(message, plain_text(text, names), names)
            for message, text in zip(messages, texts, strict=True)
            if text and message.get("subtype") != "tombstone"
        ]

    async def _pages(self, thread: Thread, before_ts: str) -> list[Json]:
        first: dict[str, Json] = {}
        newest: deque[Json] = deque(maxlen=MESSAGES - 1)
        cursor: str | None = None
        for _ in range(PAGES):
            answer = await self._calls.repeatable(
                "conversations.replies",
                {"channel": thread.channel, "ts": thread.ts, "latest": before_ts, "limit": PAGE, "cursor": cursor},
            )
            for message in answer.get("messages") or ():
                if message["ts"] == thread.ts:  # every page begins with it
                    first = {thread.ts: message}
                elif message["ts"] < before_ts:
                    newest.append(message)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return [*first.values(), *newest]

    async def _names(self, messages: list[Json], texts: list[str]) -> dict[str, str]:
        """Names by user id, of authors first; a name that is not found is no reason to read nothing."""
        names = {str(found["user"]): name for found in messages if found.get("user") and (name := _given_name(found))}
        authors = [str(found["user"]) for found in messages if found.get("user")]
        wanted = dict.fromkeys([*authors, *(user for text in texts for user in mentioned(text))])
        for user in [user for user in wanted if user not in names][:NAMES]:
            try:
                names[user] = (await self._people.person(user)).name
            except ChatError as error:
                log.warning("name_not_found", user=user, reason=error.reason)
        return names


def _is_card(message: Json, me: Me) -> bool:
    return me.wrote(message) and any(block.get("block_id") == CARD_BLOCK for block in message.get("blocks") or ())


def _given_name(message: Json) -> str:
    """The name that the message brings along."""
    bot = message.get("bot_profile") or {}
    profile = message.get("user_profile") or {}
    return str(bot.get("name") or shown_name(profile) or message.get("username") or "")


def _read(message: Json, text: str, names: Mapping[str, str]) -> ThreadMessage:
    user = str(message.get("user") or "")
    bot = bool(message.get("bot_id")) or message.get("subtype") == "bot_message"
    author_id = user or str(message.get("bot_id") or "")
    author = _given_name(message) or names.get(user) or author_id or "somebody"
    return ThreadMessage(ts=str(message["ts"]), author_id=author_id, author=author, text=text, bot=bot)
