"""A repository's own commands: real shells that fail, hang, flood and leave servers behind."""

import asyncio
from pathlib import Path

import pytest

from slackbot.agents.unboxed import OUTPUT_TAIL_CHARS, Unboxed
from slackbot.core.agent import CommandResult
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentError, AgentMissing
from tests.fakes.processes import comes_true, lives, pid_in


@pytest.fixture
def unboxed() -> Unboxed:
    given = {"PATH": "/usr/bin:/bin", "GITHUB_TOKEN": "secret", "SLACK_BOT_TOKEN": "secret"}
    return Unboxed({"mine": AgentConfig(kind="demo"), "boxed": AgentConfig(kind="acp", command=("x",))}, given)


async def test_a_command_answers_its_code_and_both_its_streams_in_order(
    unboxed: Unboxed, workspace: Path, home: Path
) -> None:
    command = "echo one; echo two >&2; echo three; pwd; exit 4"
    result = await unboxed.run("mine", command, workspace, home, timeout_s=5)
    assert (result.exit_code, result.output) == (4, f"one\ntwo\nthree\n{workspace}\n")
    assert not result.ok


async def test_a_command_has_the_agents_environment_and_no_input(unboxed: Unboxed, workspace: Path, home: Path) -> None:
    result = await unboxed.run("mine", "cat; env", workspace, home, timeout_s=5)
    names = {line.partition("=")[0] for line in result.output.splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", "LANG", "HOME", "TMPDIR"}


async def test_a_server_left_in_the_background_does_not_hold_us_up(
    unboxed: Unboxed, workspace: Path, home: Path
) -> None:
    result = await unboxed.run("mine", "setsid sleep 30 & echo $! >pid", workspace, home, timeout_s=30)
    assert result.ok
    assert result.duration_s < 2
    assert not lives(pid_in(workspace / "pid"))


async def test_a_command_over_its_time_limit_has_no_code_and_keeps_its_output(
    unboxed: Unboxed, workspace: Path, home: Path
) -> None:
    command = "trap '' TERM; echo begun; echo $$ >pid; sleep 30; sleep 30"
    result = await unboxed.run("mine", command, workspace, home, timeout_s=0.3)
    assert (result.exit_code, result.output) == (None, "begun\n")
    assert not lives(pid_in(workspace / "pid"))


async def test_only_the_tail_of_a_long_output_is_kept(unboxed: Unboxed, workspace: Path, home: Path) -> None:
    result = await unboxed.run(
        "mine", "head -c 20000000 /dev/zero; printf 'é%.0s' 1 2 3; echo end", workspace, home, 30
    )
    assert len(result.output) == OUTPUT_TAIL_CHARS
    assert result.output.endswith("\N{REPLACEMENT CHARACTER}éééend\n")


async def test_cancelling_ends_the_command(unboxed: Unboxed, workspace: Path, home: Path) -> None:
    running: asyncio.Future[CommandResult] = asyncio.ensure_future(
        unboxed.run("mine", "echo $$ >pid; exec sleep 30", workspace, home, timeout_s=30)
    )
    pid = await comes_true(lambda: pid_in(workspace / "pid") if (workspace / "pid").exists() else 0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await comes_true(lambda: not lives(pid), timeout_s=2)


async def test_no_command_runs_unboxed_for_an_agent_that_is_to_be_boxed(
    unboxed: Unboxed, workspace: Path, home: Path
) -> None:
    with pytest.raises(AgentMissing, match='sandbox = "none"'):
        await unboxed.run("boxed", "touch ran", workspace, home, timeout_s=5)
    assert not (workspace / "ran").exists()


async def test_a_workspace_that_is_gone_is_said_so(unboxed: Unboxed, workspace: Path, home: Path) -> None:
    with pytest.raises(AgentError, match="did not start"):
        await unboxed.run("mine", "true", workspace / "gone", home, timeout_s=5)
