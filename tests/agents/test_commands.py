"""Agents' configurations: what they are called and why they cannot run."""

from pathlib import Path

import pytest

from slackbot.agents import AcpRunner, faults
from slackbot.core.agent import TurnOrder
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentMissing

SH = AgentConfig(kind="acp", command=("sh",), sandbox="none")
DEMO = AgentConfig(kind="demo")
PATH = {"PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        ("demo", "demo (no AI, unboxed)"),
        ("mine", "mine (unboxed)"),
        ("codex", "codex"),
        ("unknown", "unknown"),
    ],
)
def test_an_agents_name_says_what_a_person_must_know(tmp_path: Path, agent: str, called: str) -> None:
    configs = {"demo": DEMO, "mine": SH, "codex": AgentConfig(kind="codex")}
    assert AcpRunner(configs, PATH, tmp_path).describe(agent) == called


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (AgentConfig(kind="demo"), []),
        (SH, []),
        (AgentConfig(kind="acp", command=("sh",)), ['agents.a: sandbox = "bwrap"', 'write sandbox = "none"']),
        (AgentConfig(kind="codex", sandbox="none"), ['agents.a: kind = "codex" is not available yet']),
        (AgentConfig(kind="acp", command=("nothing-here",), sandbox="none"), ["agents.a:", "'nothing-here'"]),
        (AgentConfig(kind="acp", command=("bin/nothing",), sandbox="none"), ["agents.a:", "'bin/nothing'"]),
        (AgentConfig(kind="acp", command=("bin/agent",), sandbox="none"), []),
        (AgentConfig(kind="demo", env=("GITHUB_TOKEN", "SLACK_BOT_TOKEN")), ["GITHUB_TOKEN, SLACK_BOT_TOKEN"]),
    ],
)
def test_a_fault_names_the_agent_and_the_next_step(tmp_path: Path, config: AgentConfig, words: list[str]) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "agent").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "agent").chmod(0o755)
    found = faults({"a": config}, PATH, tmp_path)
    assert bool(found) == bool(words)
    assert all(word in found[0] for word in words)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    configs = {
        "boxed": AgentConfig(kind="acp", command=("nothing-here",)),
        "demo": DEMO,
        "claude": AgentConfig(kind="claude"),
    }
    assert [fault.partition(":")[0] for fault in faults(configs, PATH, tmp_path)] == ["agents.boxed"] * 2 + [
        "agents.claude"
    ] * 2


@pytest.mark.parametrize(("agent", "words"), [("boxed", 'sandbox = "none"'), ("ghost", "it names: boxed, demo")])
async def test_an_agent_that_cannot_run_is_missing(tmp_path: Path, agent: str, words: str) -> None:
    runner = AcpRunner({"demo": DEMO, "boxed": AgentConfig(kind="acp", command=("sh",))}, PATH, tmp_path)
    with pytest.raises(AgentMissing, match=words):
        await runner.run(TurnOrder(agent=agent, workspace=tmp_path, home=tmp_path, prompt="x"), lambda _: None)
