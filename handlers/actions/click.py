"""What every click has in common: who, on which message, which button with which value."""

from typing import Any

from slackbot.core.request import ClickRequest
from slackbot.core.task import Thread


def read_click(body: dict[str, Any], action: dict[str, Any]) -> ClickRequest | None:
    """The click on a card; None when Slack names no message for it."""
    message, container = body.get("message") or {}, body.get("container") or {}
    card_ts = message.get("ts") or container.get("message_ts")
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    user = body.get("user") or {}
    if not card_ts or not channel or not user.get("id"):
        return None
    team = (body.get("team") or {}).get("id") or user.get("team_id") or ""
    thread_ts = message.get("thread_ts") or container.get("thread_ts") or card_ts
    return ClickRequest(
        thread=Thread(team=team, channel=channel, ts=thread_ts),
        card_ts=card_ts,
        action=action["action_id"],
        action_ts=str(action.get("action_ts") or body.get("trigger_id") or ""),
        value=value_of(action),
        by=user["id"],
        trigger_id=body.get("trigger_id") or "",
    )


def value_of(action: dict[str, Any]) -> str:
    """A button's value or a menu's chosen one."""
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")
