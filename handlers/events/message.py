"""`message` in its channel types, new or edited. Knows what an event wraps around it, not what is done about it."""

from typing import Any

from slackbot.core.reading import Ears
from slackbot.core.request import MessageRequest

EVENTS = frozenset({"message.channels", "message.groups", "message.im", "message.mpim"})


def read(body: dict[str, Any], event: dict[str, Any], bot_user: str, bot_id: str) -> MessageRequest | None:
    """The message, or None when it is our own, was not said by anybody, or an edit that changed no words."""
    said, edited_ts = event, None
    if event.get("subtype") == "message_changed":
        said, before = event.get("message") or {}, event.get("previous_message") or {}
        edited_ts = (said.get("edited") or {}).get("ts")
        if edited_ts is None or said.get("text") == before.get("text"):
            return None
    ears = Ears(team=_team(body, event), user=bot_user, bot=bot_id)
    direct, named = event.get("channel_type") == "im", event.get("type") == "app_mention"
    return ears.read(said, event.get("channel", ""), direct=direct, named=named, edited_ts=edited_ts)


def _team(body: dict[str, Any], event: dict[str, Any]) -> str:
    """One name for the workspace in every kind of payload."""
    return str(body.get("team_id") or event.get("team") or "")
