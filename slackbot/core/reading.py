"""Reads one Slack message, as an event or a channel's history brings it, into a MessageRequest.

Here because both ways in need the same reading and neither may import the other: handlers (events) and chat
(what was said while the bot was away). Knows Slack's shape of a message, not what is done about it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slackbot.core.model import Frozen
from slackbot.core.request import MessageRequest
from slackbot.core.task import Thread

# Subtypes that are still somebody saying something; joins, topics, deletions and the like are not.
SAID = frozenset({None, "file_share", "thread_broadcast", "bot_message", "me_message"})


class Ears(Frozen):
    """The bot in its workspace: what names it, and what it said itself and must not hear. `bot`: its bot id."""

    team: str
    user: str
    bot: str = ""

    def read(
        self,
        said: Mapping[str, Any],
        channel: str,
        *,
        direct: bool = False,
        named: bool = False,
        edited_ts: str | None = None,
    ) -> MessageRequest | None:
        """The message, or None when it is our own or was not said by anybody. `named`: Slack says that it names us."""
        if said.get("subtype") not in SAID or not said.get("ts") or self._is_ours(said):
            return None
        ts, text = said["ts"], said.get("text") or ""
        thread_ts = said.get("thread_ts") or ts
        return MessageRequest(
            thread=Thread(team=self.team, channel=channel, ts=thread_ts),
            ts=ts,
            edited_ts=edited_ts,
            author=said.get("user") or said.get("bot_id") or "",
            author_is_bot=bool(said.get("bot_id")),
            text=text,
            names_bot=named or f"<@{self.user}>" in text or f"<@{self.user}|" in text,
            direct=direct or channel.startswith("D"),
            in_thread=thread_ts != ts,
            files=tuple(str(file.get("name") or "a file") for file in said.get("files") or ()),
        )

    def _is_ours(self, said: Mapping[str, Any]) -> bool:
        return said.get("user") == self.user or (bool(self.bot) and said.get("bot_id") == self.bot)


def slack_time(at: datetime) -> str:
    """An instant as Slack writes it in a ts."""
    return f"{at.timestamp():.6f}"
