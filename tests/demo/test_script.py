"""`slackbot demo --script` as people run it: the whole story, told and checked; and what it says when it cannot."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes.processes import comes_true, lives

pytestmark = [pytest.mark.demo, pytest.mark.timeout(120)]
CHECKOUT = Path(__file__).parents[2]
HEALTHY_S = 60.0  # on a busy machine; about 17 s on a quiet one


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "slackbot", "demo", *arguments]


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "200", "PYTHONPATH": str(CHECKOUT), **more}


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    variables = environment(folder, **more)
    return subprocess.run(command(*arguments), cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_the_script_plays_the_whole_story_and_leaves_nothing(tmp_path: Path) -> None:
    began = time.monotonic()
    done = run(tmp_path, "--script", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓ ") >= 12 and "✗" not in done.stdout
    assert "All 12 steps happened" in done.stdout and done.stderr == ""
    for said in ("payments: checkout is hanging", "@pitcrew fix this page", "attempt 2", "✅ Landed", "decided first"):
        assert said in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert time.monotonic() - began < HEALTHY_S


def test_every_step_that_did_not_happen_is_named_and_the_folder_is_kept(tmp_path: Path) -> None:
    """An agent that only says something changes nothing, so nobody is ever asked to approve."""
    config = tmp_path / "slackbot.toml"
    agent = CHECKOUT / "tests/fakes/acp_agent.py"
    lines = ["[agents.talker]", 'kind = "acp"', f'command = ["{sys.executable}", "{agent}"]', 'sandbox = "none"']
    lines += ["[[repos]]", 'name = "a/b"', 'url = "/srv/a"', 'forge = "local"', 'agent = "talker"', 'check = "true"']
    config.write_text("\n".join(lines))
    place = tmp_path / "kept"
    done = run(tmp_path, "--script", "--agent", "talker", "--keep", str(place), SLACKBOT_CONFIG=str(config))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ The check is green, and people are asked: did not happen" in done.stdout
    assert "✗ Carol clicks the old Approve and is told who was first: not reached" in done.stdout
    assert f"Everything is kept in {place}" in done.stdout
    assert (place / "bot.log").is_file() and (place / "acme-payments.git").is_dir()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--agent", "nobody"), "no agent 'nobody': it has demo"), (("--agent", "x", "--script"), "no agent 'x'")],
)
def test_an_unknown_agent_is_refused_at_once(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "slackbot.toml").write_text((CHECKOUT / "slackbot.toml.sample").read_text())
    done = run(tmp_path, *arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_an_agent_without_a_configuration_is_refused_with_the_next_step(tmp_path: Path) -> None:
    done = run(tmp_path, "--agent", "mine")
    assert done.returncode == 2 and "slackbot.toml.sample" in done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_the_bot_ends_with_the_demo_however_that_ends(tmp_path: Path, how: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        *command("--port", "0", "--keep", str(tmp_path / "demo")), cwd=tmp_path, env=environment(tmp_path),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    while b"The bot's log" not in await process.stdout.readline():
        assert process.returncode is None
    [bot] = children(process.pid)
    process.send_signal(how)
    assert await process.wait() == (-how if how is signal.SIGKILL else 0)
    await comes_true(lambda: not lives(bot), 20)
    assert re.search("bot_stopped", (tmp_path / "demo" / "bot.log").read_text())


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
