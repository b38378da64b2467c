"""Turns that go wrong: every way an agent can die, hang, flood or talk nonsense, and that nothing of it stays alive."""

import asyncio
import gc
import logging
import resource
import sys
import time
from pathlib import Path

import pytest

from slackbot.core.errors import AgentDied, AgentError, AgentFlooded, AgentGarbled, AgentMissing, AgentTimedOut
from tests.agents.conftest import Prompted
from tests.fakes.processes import comes_true, lives, pid_in

EVIL = Path(__file__).parent / "evil"
LIMIT = 1_000_000


def script(source: str) -> dict[str, object]:
    return {"command": ("/bin/sh", "-c", source)}


@pytest.mark.parametrize(
    ("command", "error", "words"),
    [
        (script("exit 0"), AgentDied, "exit code 0"),
        (script("echo the model is out >&2; exit 3"), AgentDied, "the model is out"),
        (script("kill -SEGV $$"), AgentDied, "exit code 139"),
        (script("echo 'Usage: my-agent [--acp]'; exit 2"), AgentGarbled, "not ACP"),
        (script("yes"), AgentGarbled, "not ACP"),
        (script("head -c 300000 /dev/urandom"), AgentGarbled, "not ACP"),
        ({"command": ("no-such-program", "--acp")}, AgentMissing, "no-such-program"),
        ({"command": ("./evil/nothing",)}, AgentMissing, "agents.mine"),
        ({"command": (str(EVIL / "bad_interpreter"),)}, AgentMissing, "does not start"),
        ({"command": (sys.executable, str(EVIL / "old_protocol.py"))}, AgentError, "version 0 of ACP"),
        ({"command": (sys.executable, str(EVIL / "no_session.py"))}, AgentGarbled, "opened no session"),
    ],
)
async def test_an_agent_that_never_gets_to_the_prompt(
    prompted: Prompted, command: dict[str, object], error: type[AgentError], words: str
) -> None:
    with pytest.raises(error) as caught:
        await prompted("text hello", **command)
    assert type(caught.value) is error
    assert words in caught.value.sentence + caught.value.story


async def test_an_agent_that_does_not_listen(prompted: Prompted) -> None:
    """It depends on who is first whether the bot's first message still finds a reader."""
    with pytest.raises((AgentTimedOut, AgentDied)):
        await prompted("text hello", silence_timeout_s=0.2, **script("exec 0<&-; sleep 30"))


@pytest.mark.parametrize(
    ("lines", "config", "error", "words"),
    [
        (["text hello", "err oh no", "exit 7"], {}, AgentDied, "exit code 7"),
        (["fail I am out of tokens"], {}, AgentError, "I am out of tokens"),
        (["stop refusal"], {}, AgentError, "refused"),
        (["stop cancelled"], {}, AgentError, "stopped before it was done"),
        (["hang"], {"silence_timeout_s": 0.2}, AgentTimedOut, "said nothing for 0.2 s"),
        (["hang"], {"turn_timeout_s": 0.3}, AgentTimedOut, "not done after 0.3 s"),
        (["flood 200000000"], {"max_output_bytes": LIMIT}, AgentFlooded, "1,000,000 bytes"),
        (["err-flood 200000000"], {"max_output_bytes": LIMIT}, AgentFlooded, "1,000,000 bytes"),
        (["flood 200000000"], {}, AgentGarbled, "not ACP"),
        (["long 17000000"], {}, AgentFlooded, "a line of more than"),
        (["close-stdout", "hang"], {}, AgentDied, "ended in the middle"),
    ],
)
async def test_an_agent_that_ends_its_turn_badly(
    prompted: Prompted, lines: list[str], config: dict[str, object], error: type[AgentError], words: str
) -> None:
    started = time.monotonic()
    with pytest.raises(error) as caught:
        await prompted(*lines, **config)
    assert type(caught.value) is error
    assert words in caught.value.sentence
    assert time.monotonic() - started < 3


async def test_the_story_of_a_death_has_the_end_of_stderr(prompted: Prompted) -> None:
    with pytest.raises(AgentDied) as caught:
        await prompted("err-flood 100000", "err the last words", "exit 7")
    assert caught.value.story.startswith("exit code 7, 0 lines of noise\n")
    assert caught.value.story.endswith("the last words\n")
    assert len(caught.value.story) < 10_000


async def test_a_little_life_now_and_then_is_no_silence(prompted: Prompted) -> None:
    chatter = "for n in 1 2 3 4 5 6; do sleep 0.2; echo alive >&2; done; exit 9"
    with pytest.raises(AgentDied, match="exit code 9"):
        await prompted("x", silence_timeout_s=0.8, **script(chatter))


async def test_a_flood_costs_the_bot_no_more_than_twenty_megabytes(prompted: Prompted) -> None:
    """One line without an end is the worst: it has to be kept until it is too long."""
    await prompted("text hello")
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(AgentFlooded):
        await prompted("x", max_output_bytes=1_000_000_000, **script("head -c 200000000 /dev/zero"))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 20_000_000


@pytest.mark.parametrize(
    ("child", "last"),
    [
        ("spawn", "text done"),
        ("spawn", "fail now"),
        ("spawn", "exit 1"),
        ("spawn", "flood 2000000"),
        ("spawn", "hang"),
        ("stubborn", "text done"),
        ("stubborn", "exit 1"),
    ],
)
async def test_no_child_outlives_the_turn(prompted: Prompted, workspace: Path, child: str, last: str) -> None:
    try:
        await prompted(f"{child} pid", last, turn_timeout_s=1.0 if last == "hang" else 30, max_output_bytes=LIMIT)
    except AgentError:
        assert last != "text done"
    assert not lives(pid_in(workspace / "pid"))


@pytest.mark.parametrize(("child", "then"), [("spawn", "wait"), ("stubborn", "hang")])
async def test_cancelling_the_turn_ends_everything_soon(
    prompted: Prompted, workspace: Path, child: str, then: str
) -> None:
    turn = asyncio.ensure_future(prompted(f"{child} pid", "write ready yes", then))
    await comes_true((workspace / "ready").exists)
    started = time.monotonic()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert not lives(pid_in(workspace / "pid"))
    assert time.monotonic() - started < 4


async def test_cancelling_twice_still_ends_everything(prompted: Prompted, workspace: Path) -> None:
    turn = asyncio.ensure_future(prompted("stubborn pid", "write ready yes", "hang"))
    await comes_true((workspace / "ready").exists)
    turn.cancel()
    await asyncio.sleep(0)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    pid = pid_in(workspace / "pid")
    await comes_true(lambda: not lives(pid), timeout_s=2)


async def test_an_agent_asked_to_stop_may_say_so_itself(prompted: Prompted, workspace: Path) -> None:
    turn = asyncio.ensure_future(prompted("write ready yes", "wait", "text never"))
    await comes_true((workspace / "ready").exists)
    started = time.monotonic()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert time.monotonic() - started < 1  # the time it is given


async def test_bad_ends_leave_no_noise_in_the_log_and_no_open_pipes(
    prompted: Prompted, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    ends = [("exit 1",), ("fail no",), ("flood 2000000",), ("hang",), ("raw {broken", "exit 1")]
    for lines in ends:
        with pytest.raises(AgentError):
            await prompted(*lines, max_output_bytes=LIMIT, silence_timeout_s=0.2)
    gc.collect()
    assert complaints == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert [str(warning.message) for warning in recwarn] == []
