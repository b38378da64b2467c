"""The demo agent as the bot runs it: a process of its own behind ACP."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from slackbot.agents import AcpRunner
from slackbot.core.agent import AgentEvent, PlanChanged, PlanStep, StepChanged, TextSaid, TurnOrder, TurnResult
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentError
from tests.agents.conftest import ENVIRONMENT
from tests.fakes.processes import comes_true

Asked = Callable[..., Awaitable[TurnResult]]


@pytest.fixture
def asked(workspace: Path, home: Path, events: list[AgentEvent]) -> Asked:
    def run(request: str, **config: object) -> Awaitable[TurnResult]:
        runner = AcpRunner({"demo": AgentConfig.model_validate({"kind": "demo"} | config)}, ENVIRONMENT, workspace)
        prompt = f"Rules.\n\n<request>\n{request}\n</request>\n"
        return runner.run(TurnOrder(agent="demo", workspace=workspace, home=home, prompt=prompt), events.append)

    return run


async def test_it_says_no_ai_first_and_follows_instructions(
    asked: Asked, workspace: Path, events: list[AgentEvent]
) -> None:
    # A module of the workspace must not be taken for one of ours.
    (workspace / "acp.py").write_text("raise SystemExit('the wrong acp')")
    result = await asked("plan Look; Write\nwrite docs/a.txt: hello\nrun cat docs/a.txt; exit 3\nwrite ../b: x")
    assert (workspace / "docs" / "a.txt").read_text() == "hello\n"
    assert result.answer.startswith("No AI here")
    assert "exit code 3.\n```\nhello\n```" in result.answer
    assert "Could not write ../b: ../b is not a path inside the repository." in result.answer
    plans = [event.steps for event in events if isinstance(event, PlanChanged)]
    assert plans[0] == (PlanStep(title="Look", status="in_progress"), PlanStep(title="Write"))
    assert {step.status for step in plans[-1]} == {"completed"}
    assert StepChanged(title="write docs/a.txt") in events
    assert isinstance(events[0], TextSaid)
    assert "No AI" in events[0].text


async def test_it_ends_its_turn_with_an_error_when_it_is_told_to(asked: Asked) -> None:
    with pytest.raises(AgentError, match="told to fail"):
        await asked("fail")


async def test_its_waiting_can_be_stopped(asked: Asked, workspace: Path) -> None:
    turn = asyncio.ensure_future(asked("write begun: yes\nwait 600"))
    await comes_true((workspace / "begun").exists)
    started = time.monotonic()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert time.monotonic() - started < 1
