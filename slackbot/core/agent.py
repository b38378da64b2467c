"""The vocabulary between the flows and any coding agent: an order, events while it works, a result."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from slackbot.core.model import Frozen


class PlanStep(Frozen):
    title: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


class TextSaid(Frozen):
    """A piece of what the agent says; pieces are concatenated."""

    kind: Literal["text"] = "text"
    text: str


class PlanChanged(Frozen):
    """The agent's whole plan as it stands now."""

    kind: Literal["plan"] = "plan"
    steps: tuple[PlanStep, ...]


class StepChanged(Frozen):
    """What the agent does right now, one line (a tool call's title)."""

    kind: Literal["step"] = "step"
    title: str


AgentEvent = TextSaid | PlanChanged | StepChanged
Report = Callable[[AgentEvent], None]


class TurnOrder(Frozen):
    """One prompt for one agent in one workspace. `home` is the agent's HOME, outside the workspace."""

    agent: str
    workspace: Path
    home: Path
    prompt: str


class TurnResult(Frozen):
    """A turn that ended by itself. `answer` is all the text the agent said, capped; tokens None: not told."""

    answer: str
    tokens: int | None = None


class CommandResult(Frozen):
    """A finished command. `exit_code` None: ended by its time limit. `output`: stdout and stderr, the tail."""

    exit_code: int | None
    duration_s: float
    output: str

    @property
    def ok(self) -> bool:
        return self.exit_code == 0
