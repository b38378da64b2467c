"""A place to work, and a runner whose one agent is the scriptable fake."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from slackbot.agents import AcpRunner
from slackbot.core.agent import AgentEvent, TurnOrder, TurnResult
from slackbot.core.config import AgentConfig
from tests.fakes import acp_agent

FAKE = (sys.executable, "-I", "-S", acp_agent.__file__)
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "workspace"
    path.mkdir()
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def events() -> list[AgentEvent]:
    return []


Prompted = Callable[..., Awaitable[TurnResult]]


@pytest.fixture
def prompted(workspace: Path, home: Path, events: list[AgentEvent]) -> Prompted:
    """Prompt the fake agent with lines of its script; keywords are its configuration's."""

    def run(*lines: str, **config: object) -> Awaitable[TurnResult]:
        given = {"kind": "acp", "command": FAKE, "sandbox": "none"} | config
        runner = AcpRunner({"mine": AgentConfig.model_validate(given)}, ENVIRONMENT, workspace.parent)
        order = TurnOrder(agent="mine", workspace=workspace, home=home, prompt="\n".join(lines))
        return runner.run(order, events.append)

    return run
