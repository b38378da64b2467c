"""Posts a message once: after an unknown outcome it looks for our key before it posts again.

Slack has no idempotency key; a message's metadata comes back with the thread, so ours carries the key.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from slackbot.chat.calls import Calls
from slackbot.chat.cards import Drawn
from slackbot.chat.pacing import Urgency
from slackbot.chat.people import People
from slackbot.chat.wire import Answer, Outage
from slackbot.core.model import Frozen
from slackbot.core.task import MessageRef

log = structlog.get_logger()

EVENT_TYPE = "pitcrew"
PAUSES_S = (1.0, 2.0, 5.0, 10.0)  # before the second to the fifth try; Slack may still be at work on the first
PAGE = 200
PAGES = 10
SEARCHED_BACK = timedelta(days=1)


class Place(Frozen):
    """Where a message goes. `thread_ts` None: at the top level of the channel; a user's id: to them directly."""

    channel: str
    thread_ts: str | None = None

    @property
    def searchable(self) -> bool:
        """Whether we can look what is there: a direct message's own id is not known before Slack answered."""
        return not self.channel.startswith(("U", "W"))


class Posting:
    def __init__(self, calls: Calls, people: People, clock: Callable[[], datetime]) -> None:
        self._calls, self._people, self._clock = calls, people, clock

    async def post(self, place: Place, drawn: Drawn, key: str, urgency: Urgency, *, look_first: bool) -> MessageRef:
        """Post, or adopt what an earlier try posted under this key.

        Raises ThreadGone, another ChatError when Slack refuses, and one with `unknown` when it never answered.
        """
        must_look = look_first and place.searchable
        for pause_s in (*PAUSES_S, None):
            try:
                if must_look and (found := await self.find(place, key)):
                    return found
                must_look = True  # from here on the try before may have posted it
                answer = await self._calls.patiently("chat.postMessage", _arguments(place, drawn, key), urgency)
                return MessageRef(channel=str(answer["channel"]), ts=str(answer["ts"]))
            except Outage as outage:
                log.warning("post_unanswered", key=key, operation=outage.operation, reason=outage.reason)
                if pause_s is None or not place.searchable:
                    raise
            await self._calls.timing.sleep(pause_s)
        raise AssertionError("the last pause is None")

    async def find(self, place: Place, key: str) -> MessageRef | None:
        """Our message with this key, looked up page by page; None when there is none."""
        method = "conversations.replies" if place.thread_ts else "conversations.history"
        me = await self._people.me()
        cursor: str | None = None
        for _ in range(PAGES):
            answer = await self._calls.patiently(method, self._search(place, cursor))
            for message in answer.get("messages", []):
                if _key(message) == key and me.wrote(message):
                    log.info("post_adopted", key=key, ts=message["ts"])
                    return MessageRef(channel=place.channel, ts=str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        log.warning("post_lookup_gave_up", key=key, pages=PAGES)
        return None

    def _search(self, place: Place, cursor: str | None) -> Answer:
        """A thread is searched whole, a channel only as far back as a post may be tried again."""
        oldest = None if place.thread_ts else f"{(self._clock() - SEARCHED_BACK).timestamp():.6f}"
        return {
            "channel": place.channel,
            "ts": place.thread_ts,
            "oldest": oldest,
            "include_all_metadata": True,
            "limit": PAGE,
            "cursor": cursor,
        }


def _key(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return str(key) if key is not None else None


def _arguments(place: Place, drawn: Drawn, key: str) -> Answer:
    return {
        "channel": place.channel,
        "thread_ts": place.thread_ts,
        "text": drawn.text,
        "blocks": drawn.blocks,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
