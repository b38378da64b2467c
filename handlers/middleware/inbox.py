"""Keeps what concerns us before Slack is told that we have it. Knows which reader reads what, not what it means."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest

from handlers import actions, events, views
from slackbot.core.errors import StoreUnavailable
from slackbot.core.request import Request

log = structlog.get_logger()
Receive = Callable[[Request], Awaitable[bool]]
# What it raises when something is not a dictionary, a list or a text where it should be (pydantic: ValueError).
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)


class Inbox(AsyncMiddleware):
    """Reads the payload, hands the request to `receive`, and acks when that has committed; no ack otherwise.

    Slack sends what was not acked again, so a database that is away loses nothing.
    """

    def __init__(self, receive: Receive, bot_user: str, bot_id: str) -> None:
        self._receive = receive
        self._bot_user = bot_user
        self._bot_id = bot_id

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        request = self._read_or_none(req.body)
        if request is None:
            return BoltResponse(status=200)
        try:
            await self._receive(request)
        except StoreUnavailable as error:
            log.error("not_acked", key=request.key, reason=str(error))
            return BoltResponse(status=503)
        except Exception:
            log.exception("not_acked", key=request.key)  # ours to mend; until then Slack keeps what it said
            return BoltResponse(status=503)
        return BoltResponse(status=200)

    def _read_or_none(self, body: dict[str, Any]) -> Request | None:
        """The request, or None when there is none in it or the payload has not the shape that Slack promises.

        Such a payload is acked: sent again it would be the same.
        """
        try:
            return self._read(body)
        except UNREADABLE as error:
            log.warning("payload_not_read", type=str(body.get("type"))[:40], reason=type(error).__name__)
            return None

    def _read(self, body: dict[str, Any]) -> Request | None:
        match body.get("type"):
            case "event_callback":
                return events.read(body, self._bot_user, self._bot_id)
            case "block_actions":
                return actions.read(body)
            case "view_submission":
                return views.read(body)
            case _:
                return None
