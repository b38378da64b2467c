"""The bot as a child process: `slackbot run` with its own environment, a log file, and a lifeline to us."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import slackbot
from slackbot.core.errors import PitcrewError
from slackbot.demo.folder import Folder
from slackbot.playground.server import LocalSlack
from slackbot.settings import inherited

PASSED_ON = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
LOG_TAIL = 1500


class BotDidNotStart(PitcrewError):
    """The bot's process ended, or did not connect in time."""


@dataclass(frozen=True)
class Bot:
    """The running bot."""

    process: asyncio.subprocess.Process
    folder: Folder


@asynccontextmanager
async def bot(
    folder: Folder, slack: LocalSlack, extra: Mapping[str, str], starting: AbstractContextManager[object]
) -> AsyncIterator[Bot]:
    """Run the bot until the block ends. Raises BotDidNotStart.

    `extra`: variables that its agent needs. `starting` is entered until the bot is connected: a sign of life.
    """
    readable, writable = os.pipe()
    try:
        running = Bot(await _start(folder, _environment(folder, slack, extra), readable), folder)
        try:
            with starting:
                await _connected(running, slack)
            yield running
        finally:
            await _end(running.process)
    finally:
        os.close(writable)


async def _start(folder: Folder, environment: dict[str, str], lifeline: int) -> asyncio.subprocess.Process:
    try:
        with folder.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "slackbot.demo.tether", str(lifeline), "run", "--config", str(folder.config)),
                cwd=folder.path, env=environment, pass_fds=(lifeline,),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we end the bot
            )  # fmt: skip
    finally:
        os.close(lifeline)


def _environment(folder: Folder, slack: LocalSlack, extra: Mapping[str, str]) -> dict[str, str]:
    return {
        **inherited(PASSED_ON),
        **extra,
        "HOME": str(folder.path),
        "PYTHONPATH": str(Path(slackbot.__file__).resolve().parent.parent),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "SLACKBOT_DATA_DIR": str(folder.data),
    }


async def _connected(running: Bot, slack: LocalSlack) -> None:
    """Wait until the bot listens, or until it is clear that it never will."""
    listening = asyncio.create_task(slack.until(lambda: slack.socket.connections > 0, START_TIMEOUT_S))
    ended = asyncio.create_task(running.process.wait())
    await asyncio.wait({listening, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if listening.done() and listening.exception() is None:
        return
    listening.cancel()
    tail = running.folder.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:].strip()
    raise BotDidNotStart(f"The demo's bot did not start. The end of {running.folder.log}:\n{tail}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, and SIGKILL for a bot that does not hear it."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens to at this moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
