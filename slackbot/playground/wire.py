"""Owns the shapes that travel as JSON and Slack's way of saying no; knows no method and no state."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


class SlackError(Exception):
    """What a Web API call answers instead of its result: `{"ok": false, "error": code}`."""

    def __init__(self, code: str, *messages: str) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = messages

    def response(self) -> Json:
        answer: Json = {"ok": False, "error": self.code}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return answer
