"""`message` in its channel types, new or edited. Knows Slack's shapes, not what is done about them."""

from typing import Any

from slackbot.core.request import MessageRequest
from slackbot.core.task import Thread

EVENTS = frozenset({"message.channels", "message.groups", "message.im", "message.mpim"})
# Subtypes that are still somebody saying something; joins, topics, deletions and the like are not.
SAID = frozenset({None, "file_share", "thread_broadcast", "bot_message", "me_message"})


def read(body: dict[str, Any], event: dict[str, Any], bot_user: str, bot_id: str) -> MessageRequest | None:
    """The message, or None when it is our own, was not said by anybody, or an edit that changed no words."""
    said, edited_ts = event, None
    if event.get("subtype") == "message_changed":
        said, before = event.get("message") or {}, event.get("previous_message") or {}
        edited_ts = (said.get("edited") or {}).get("ts")
        if edited_ts is None or said.get("text") == before.get("text"):
            return None
    if said.get("subtype") not in SAID or not said.get("ts") or _is_ours(said, bot_user, bot_id):
        return None
    ts, team, channel = said["ts"], _team(body, event), event.get("channel", "")
    thread_ts = said.get("thread_ts") or ts
    author = said.get("user") or said.get("bot_id") or ""
    return MessageRequest(
        thread=Thread(team=team, channel=channel, ts=thread_ts),
        ts=ts,
        edited_ts=edited_ts,
        author=author,
        author_is_bot=bool(said.get("bot_id")),
        text=said.get("text") or "",
        names_bot=f"<@{bot_user}>" in (said.get("text") or "") or f"<@{bot_user}|" in (said.get("text") or ""),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
        in_thread=thread_ts != ts,
        files=tuple(str(file.get("name") or "a file") for file in said.get("files") or ()),
    )


def _is_ours(said: dict[str, Any], bot_user: str, bot_id: str) -> bool:
    return said.get("user") == bot_user or (bool(bot_id) and said.get("bot_id") == bot_id)


def _team(body: dict[str, Any], event: dict[str, Any]) -> str:
    """One name for the workspace in every kind of payload."""
    return str(body.get("team_id") or event.get("team") or "")
