"""The keeper leaves nothing alive: real processes, also ones that try to get away."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slackbot.agents import keeper
from tests.fakes.processes import lives, pid_in, waited_for

KEEPER = (sys.executable, "-I", "-S", keeper.__file__)
ROOT = Path(__file__).parent.parent.parent

# What a command may leave behind; each writes the id of the process that must not survive into the file "pid".
LEFT_BEHIND = {
    "a background process": "sleep 30 & echo $! >pid",
    "a session of its own": "setsid sh -c 'echo $$ >pid; exec sleep 30' & ",
    "a double fork with a session of its own": "(setsid sh -c 'echo $$ >pid; exec sleep 30' &) & ",
    "a process that ignores SIGTERM": "setsid sh -c 'trap \"\" TERM; echo $$ >pid; sleep 30; sleep 30' & ",
    "a stopped process": "setsid sh -c 'echo $$ >pid; kill -STOP $$' & ",
}
WAIT_FOR_IT = "\nwhile ! [ -s pid ]; do sleep 0.01; done\n"


class Kept:
    """A keeper with a command, started as the bot does it."""

    def __init__(self, command: str, folder: Path) -> None:
        readable, self.lifeline = os.pipe()
        argv = [*KEEPER, str(readable), "--", "/bin/sh", "-c", command]
        self.process = subprocess.Popen(argv, cwd=folder, pass_fds=(readable,), stdout=subprocess.PIPE, text=True)
        os.close(readable)

    def ends(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=10)
        os.close(self.lifeline)
        return self.process.returncode, output


@pytest.mark.parametrize(
    ("command", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 137), ("kill -TERM $$", 143)]
)
def test_the_exit_code_of_the_command_passes_through(tmp_path: Path, command: str, code: int) -> None:
    assert Kept(command, tmp_path).ends() == (code, "")


@pytest.mark.parametrize("left", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_nothing_survives_the_end_of_the_command(tmp_path: Path, left: str) -> None:
    started = time.monotonic()
    code, _ = Kept(left + WAIT_FOR_IT + "exit 7", tmp_path).ends()
    assert code == 7
    assert not lives(pid_in(tmp_path / "pid"))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_keeper_ends_everything(tmp_path: Path, number: int) -> None:
    kept = Kept(LEFT_BEHIND["a double fork with a session of its own"] + "\nsleep 30", tmp_path)
    pid = pid_in(tmp_path / "pid")
    kept.process.send_signal(number)
    assert kept.ends()[0] == 128 + number
    assert not lives(pid)


def test_the_end_of_the_lifeline_ends_everything(tmp_path: Path) -> None:
    kept = Kept(LEFT_BEHIND["a process that ignores SIGTERM"] + "\nsleep 30", tmp_path)
    pid = pid_in(tmp_path / "pid")
    os.close(kept.lifeline)
    kept.process.communicate(timeout=2)
    assert not lives(pid)


def test_the_command_may_tidy_up_before_it_is_killed(tmp_path: Path) -> None:
    kept = Kept("trap 'echo tidy >after; exit' TERM; echo $$ >pid; while :; do sleep 0.02; done", tmp_path)
    pid_in(tmp_path / "pid")
    os.close(kept.lifeline)
    kept.process.communicate(timeout=2)
    assert (tmp_path / "after").read_text() == "tidy\n"


def test_children_that_go_on_forking_are_caught(tmp_path: Path) -> None:
    # Bounded, so that a keeper that fails here does not take the machine with it.
    spawner = "for n in $(seq 200); do sleep 10 & sleep 0.01; done"
    kept = Kept(f"(trap '' TERM; {spawner}) & (trap '' TERM; echo >pid; {spawner})", tmp_path)
    waited_for((tmp_path / "pid").exists)
    kept.process.terminate()
    # The pipe of its output ends only when the last process that holds it has ended.
    assert kept.ends()[0] == 143


def test_the_command_has_no_descriptor_but_its_streams(tmp_path: Path) -> None:
    """The fourth is ls's own; with the lifeline's write end it could keep the keeper from its work."""
    assert Kept("exec ls /proc/self/fd", tmp_path).ends() == (0, "0\n1\n2\n3\n")


def test_a_program_that_does_not_start_is_told_with_its_reason(tmp_path: Path) -> None:
    readable, writable = os.pipe()
    argv = [*KEEPER, str(readable), "--", str(tmp_path / "nothing")]
    done = subprocess.run(argv, pass_fds=(readable,), capture_output=True, text=True)
    os.close(readable)
    os.close(writable)
    assert done.returncode == keeper.CANNOT_START_CODE
    assert done.stderr == f"{keeper.CANNOT_START} {tmp_path}/nothing: No such file or directory\n"


BOT = """
import asyncio, sys
from pathlib import Path
from slackbot.agents.kept import Where, start

async def main():
    command = ["/bin/sh", "-c", sys.argv[1]]
    await start(command, Where(Path(sys.argv[2]), {"PATH": "/usr/bin:/bin"}), talks=False)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_nothing_survives_the_bot_when_it_is_killed_with_9(tmp_path: Path) -> None:
    command = LEFT_BEHIND["a double fork with a session of its own"] + WAIT_FOR_IT + "echo $$ >shell; sleep 30"
    bot = subprocess.Popen([sys.executable, "-c", BOT, command, str(tmp_path)], cwd=ROOT)
    pids = [pid_in(tmp_path / "pid"), pid_in(tmp_path / "shell")]
    bot.kill()
    bot.wait()
    waited_for(lambda: not any(lives(pid) for pid in pids), timeout_s=2)
