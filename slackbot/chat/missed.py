"""Reads what was said while nobody listened, as the requests that events would have brought. Looks nobody up.

Such reading gives way to everything else: nobody waits for it, and there may be a thousand threads.
"""

from collections.abc import Mapping
from typing import Any

import structlog

from slackbot.chat.calls import Calls
from slackbot.chat.pacing import Urgency
from slackbot.chat.people import People
from slackbot.core.reading import Ears
from slackbot.core.request import MessageRequest
from slackbot.core.task import Thread

log = structlog.get_logger()

CHANNEL_MESSAGES = 200
PAGE = 200
PAGES = 5  # of one thread

Json = Mapping[str, Any]


class Missed:
    def __init__(self, calls: Calls, people: People) -> None:
        self._calls, self._people = calls, people

    async def in_thread(self, thread: Thread, after_ts: str) -> list[MessageRequest]:
        """Replies after `after_ts`, oldest first. Raises ChatError."""
        found: dict[str, Json] = {}
        cursor: str | None = None
        for _ in range(PAGES):
            where = {"channel": thread.channel, "ts": thread.ts, "oldest": after_ts, "limit": PAGE, "cursor": cursor}
            answer = await self._calls.repeatable("conversations.replies", where, Urgency.PROGRESS)
            found |= {said["ts"]: said for said in answer.get("messages") or () if said["ts"] > after_ts}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        else:
            log.warning("missed_too_much", channel=thread.channel, thread=thread.ts, read=len(found))
        return await self._heard(list(found.values()), thread.channel)

    async def in_channel(self, channel: str, after_ts: str, begun_ts: str) -> list[MessageRequest]:
        """Messages after `after_ts`, and those in the threads that began after `begun_ts`. Raises ChatError."""
        where = {"channel": channel, "oldest": begun_ts, "limit": CHANNEL_MESSAGES}
        answer = await self._calls.repeatable("conversations.history", where, Urgency.PROGRESS)
        if answer.get("has_more"):
            log.warning("missed_too_much", channel=channel, read=CHANNEL_MESSAGES)
        messages: list[Json] = list(answer.get("messages") or ())
        heard = await self._heard([said for said in messages if said["ts"] > after_ts], channel)
        ears = await self._ears()
        for parent in messages:
            if str(parent.get("latest_reply") or "") > after_ts:
                thread = Thread(team=ears.team, channel=channel, ts=parent["ts"])
                heard += await self.in_thread(thread, max(after_ts, parent["ts"]))
        # A reply that was sent to the channel too is in both.
        return [message for _, message in sorted({message.ts: message for message in heard}.items())]

    async def _heard(self, messages: list[Json], channel: str) -> list[MessageRequest]:
        ears = await self._ears()
        read = (ears.read(said, channel, edited_ts=(said.get("edited") or {}).get("ts")) for said in messages)
        return sorted((message for message in read if message is not None), key=lambda message: message.ts)

    async def _ears(self) -> Ears:
        me = await self._people.me()
        return Ears(team=me.team, user=me.user, bot=me.bot)
