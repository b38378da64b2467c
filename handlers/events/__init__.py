"""What Slack calls events: things said. `EVENTS` of each module are those that the manifest subscribes to."""

from typing import Any

from handlers.events import app_mention, message
from slackbot.core.request import Request

EVENTS = app_mention.EVENTS | message.EVENTS


def read(body: dict[str, Any], bot_user: str, bot_id: str) -> Request | None:
    """The request of an event, or None when it is none of ours."""
    event = body.get("event") or {}
    if event.get("type") in {"app_mention", "message"}:
        return message.read(body, event, bot_user, bot_id)
    return None
