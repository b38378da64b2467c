"""What an agent says and asks during a turn: ACP's updates become our events, its requests get our answers.

Reads raw messages, not the SDK's models: agents send null titles and kinds that no schema knows. Nothing untrusted
leaves here uncleaned. Starts and ends nothing.
"""

from typing import Any, Literal

from acp import RequestError

from slackbot.agents.text import clean, one_line
from slackbot.agents.watch import Watch
from slackbot.core.agent import PlanChanged, PlanStep, Report, StepChanged, TextSaid

ANSWER_LIMIT = 200_000
_PLAN_LIMIT = 100


class Listener:
    """Remembers the answer and the tokens of one turn. `stopping`: permissions are then answered "cancelled"."""

    def __init__(self, report: Report, watch: Watch) -> None:
        self._report, self._watch = report, watch
        self._said: list[str] = []
        self._room = ANSWER_LIMIT
        self._worked_since_said = False
        self.tokens: int | None = None
        self.stopping = False

    @property
    def answer(self) -> str:
        return "".join(self._said).strip()

    async def handle(self, method: str, params: Any, is_notification: bool) -> dict[str, Any] | None:
        """The SDK's handler of whatever the agent sends. Files and terminals are not offered, hence refused."""
        facts = params if isinstance(params, dict) else {}
        if method == "session/update":
            self._update(_dict(facts.get("update")))
            return None
        if method == "session/request_permission":
            return self._permit(facts)
        if is_notification:
            return None
        raise RequestError.method_not_found(method)

    def _update(self, update: dict[str, Any]) -> None:
        try:
            match update.get("sessionUpdate"):
                case "agent_message_chunk":
                    self._text(_dict(update.get("content")).get("text"))
                case "plan":
                    self._plan(update.get("entries"))
                case "tool_call" | "tool_call_update":
                    self._step(update)
                case "usage_update" if isinstance(update.get("used"), int):
                    self.tokens = update["used"]
        except Exception as error:  # noqa: BLE001 the flow's report failed: that ends the turn, not only this message
            self._watch.ring(error)

    def _text(self, text: object) -> None:
        if not isinstance(text, str) or not text or self._room <= 0:
            return
        apart = "\n\n" if self._said and self._worked_since_said and not self._said[-1].endswith("\n") else ""
        piece = clean(apart + text)[: self._room]
        self._worked_since_said = False
        self._room -= len(piece)
        self._said.append(piece)
        self._report(TextSaid(text=piece))

    def _plan(self, entries: object) -> None:
        steps = [
            PlanStep(title=one_line(entry["content"]), status=_status(entry.get("status")))
            for entry in (entries if isinstance(entries, list) else [])[:_PLAN_LIMIT]
            if isinstance(entry, dict) and isinstance(entry.get("content"), str)
        ]
        self._report(PlanChanged(steps=tuple(steps)))

    def _step(self, update: dict[str, Any]) -> None:
        self._worked_since_said = True
        todos = _dict(update.get("rawInput")).get("todos")
        if isinstance(todos, list):  # opencode's plan
            self._plan(todos)
        title = update.get("title")
        if isinstance(title, str) and title.strip():
            self._report(StepChanged(title=one_line(title)))

    def _permit(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The box is what protects; the agent need not ask. Once rather than always: it asks for less."""
        self._update(_dict(facts.get("toolCall")) | {"sessionUpdate": "tool_call_update"})
        offered = facts.get("options")
        options = [option for option in (offered if isinstance(offered, list) else []) if isinstance(option, dict)]
        for kind in ("allow_once", "allow_always"):
            for option in options:
                if option.get("kind") == kind and not self.stopping:
                    return {"outcome": {"outcome": "selected", "optionId": option.get("optionId")}}
        return {"outcome": {"outcome": "cancelled"}}


def _status(value: object) -> Literal["pending", "in_progress", "completed"]:
    return "completed" if value == "completed" else "in_progress" if value == "in_progress" else "pending"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
