"""What every AgentRunner promises, on the fake that the flows' tests use and on the real one."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from slackbot.agents import AcpRunner
from slackbot.core.agent import AgentEvent, StepChanged, TextSaid, TurnOrder, TurnResult
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentDied
from slackbot.core.ports import AgentRunner
from tests.agents.conftest import ENVIRONMENT, FAKE
from tests.fakes.processes import comes_true
from tests.fakes.runner import FakeRunner, Play

EDIT = Play(writes={"a.txt": "hello\n"}, events=(StepChanged(title="Edit"),), answer="Done.", tokens=7)
DIE = Play(writes={"a.txt": "half\n"}, error=AgentDied("It died."))
HANG = Play(writes={"a.txt": "begun\n"}, hang=True)
LINES = {
    "edit": "write a.txt hello\nstep Edit\ntext Done.\nusage 7",
    "die": "write a.txt half\nexit 1",
    "hang": "write a.txt begun\nwait",
}

Runner = Callable[[Play], AgentRunner]


@pytest.fixture(params=["fake", "real"])
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    real = AcpRunner({"mine": AgentConfig(kind="acp", command=FAKE, sandbox="none")}, ENVIRONMENT, tmp_path)
    return lambda play: FakeRunner([play]) if request.param == "fake" else real


def order(workspace: Path, home: Path, lines: str) -> TurnOrder:
    return TurnOrder(agent="mine", workspace=workspace, home=home, prompt=LINES[lines])


async def test_a_turn_edits_reports_and_answers(
    runner: Runner, workspace: Path, home: Path, events: list[AgentEvent]
) -> None:
    result = await runner(EDIT).run(order(workspace, home, "edit"), events.append)
    assert result == TurnResult(answer="Done.", tokens=7)
    assert [event for event in events if isinstance(event, StepChanged)] == [StepChanged(title="Edit")]
    assert "".join(event.text for event in events if isinstance(event, TextSaid)).strip() == "Done."
    assert (workspace / "a.txt").read_text() == "hello\n"


async def test_what_a_turn_did_before_its_bad_end_stays(runner: Runner, workspace: Path, home: Path) -> None:
    with pytest.raises(AgentDied):
        await runner(DIE).run(order(workspace, home, "die"), lambda _: None)
    assert (workspace / "a.txt").read_text() == "half\n"


async def test_a_cancelled_turn_ends_with_the_cancellation(runner: Runner, workspace: Path, home: Path) -> None:
    turn = asyncio.ensure_future(runner(HANG).run(order(workspace, home, "hang"), lambda _: None))
    await comes_true((workspace / "a.txt").exists)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn


async def test_the_fake_remembers_and_goes_on_when_told(workspace: Path, home: Path) -> None:
    fake = FakeRunner([HANG], names={"mine": "mine (no AI)"})
    turn = asyncio.ensure_future(fake.run(order(workspace, home, "hang"), lambda _: None))
    await fake.hanging.wait()
    assert [known.prompt for known in fake.orders] == [LINES["hang"]]
    fake.go_on()
    assert (await turn).answer == "Done."
    assert fake.cancelled == []
    assert fake.describe("mine") == "mine (no AI)"
