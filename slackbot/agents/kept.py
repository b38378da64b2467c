"""Processes behind a keeper: how they are started and how they end. Knows neither ACP nor limits."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from slackbot.agents import keeper

_KEEPER = str(Path(keeper.__file__).resolve())
# The keeper needs GRACE_S and a little; only a process that the kernel cannot end takes longer.
_END_TIMEOUT_S = 3.0
_DRAIN_BYTES = 65536

log = structlog.get_logger(__name__)


@dataclass
class Kept:
    """A command and its keeper. `lifeline`: closing it ends the command and all its descendants."""

    process: asyncio.subprocess.Process
    lifeline: int | None

    def release(self) -> None:
        """Tell the keeper to end everything; returns at once and is safe to repeat."""
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None

    async def end(self) -> int:
        """End the command and everything it started; its exit code, 128 + n for signal n. Safe to repeat.

        What was written but not read is thrown away: nobody else may be reading the streams by then.
        """
        self.release()
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)  # the command may have stopped its keeper
        try:
            async with asyncio.timeout(_END_TIMEOUT_S):
                # Together: asyncio wakes who waits for a process only when its pipes have ended too.
                async with asyncio.TaskGroup() as drains:
                    for drain in self._drains():
                        drains.create_task(drain)
                    code = await self.process.wait()
        except TimeoutError:
            log.error("keeper_did_not_end", pid=self.process.pid)
            with suppress(ProcessLookupError):
                self.process.kill()
            return await self.process.wait()
        return code if code >= 0 else 128 - code

    def _drains(self) -> list[Coroutine[None, None, None]]:
        if self.process.stdin is not None:
            self.process.stdin.close()
        return [_drain(stream) for stream in (self.process.stdout, self.process.stderr) if stream is not None]


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(_DRAIN_BYTES):
        pass


@dataclass(frozen=True)
class Where:
    """Where and with which variables a command runs. `python` runs the keeper."""

    cwd: Path
    environment: Mapping[str, str]
    python: str = sys.executable


async def start(command: Sequence[str], where: Where, *, talks: bool) -> Kept:
    """Start a command behind a keeper.

    `talks`: it gets a stdin and its stderr is apart from its stdout; else no input, and both in one stream.
    Raises OSError when the keeper itself cannot be started, for example because the directory is gone.
    """
    readable, writable = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *(where.python, "-I", "-S", _KEEPER, str(readable), "--", *command),
            cwd=where.cwd,
            env=dict(where.environment),
            stdin=asyncio.subprocess.PIPE if talks else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if talks else asyncio.subprocess.STDOUT,
            pass_fds=(readable,),
            start_new_session=True,  # Ctrl-C in the terminal is for the bot to handle
        )
    except BaseException:
        os.close(writable)
        raise
    finally:
        os.close(readable)
    return Kept(process, writable)
