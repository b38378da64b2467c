"""What this machine has to offer: the data directory, its disk, and the port of our pages. Leaves no file behind."""

import asyncio
import fcntl
import shutil
import tempfile
from pathlib import Path

from aiohttp import web

from slackbot.core.errors import ConfigurationError
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, split, warning
from slackbot.web import serve

ELSEWHERE = "Give the bot's user the right to write there, or set SLACKBOT_DATA_DIR to another folder."
ROOM = "Free some, or set SLACKBOT_DATA_DIR to a folder on a larger disk: mirrors and workspaces live there."
FULL_BYTES, SCARCE_BYTES = 200 * 1024**2, 2 * 1024**3


async def data_dir(case: Case) -> Verdict:
    return await asyncio.to_thread(writable, case.survey.data_dir)


async def disk(case: Case) -> Verdict:
    try:
        return room((await asyncio.to_thread(shutil.disk_usage, nearest(case.survey.data_dir))).free)
    except OSError as error:
        return fault(f"the disk of {case.survey.data_dir} cannot be looked at: {error.strerror}", ELSEWHERE)


async def port(case: Case) -> Verdict:
    """Listens for a moment, as the bot will. A bot that runs here may have the port already."""
    host, wanted = case.config.web.host, case.config.web.port
    try:
        served = await serve(web.Application(), host, wanted)
    except ConfigurationError as error:
        if bot_runs(case.survey.data_dir):
            return ok("a bot runs on this data directory and has it, or will say so")
        said, step = split(error.faults[0], ": ", "Look at [web] in slackbot.toml.")
        return fault(said, step[:1].upper() + step[1:])
    await served.stop()
    return ok(f"{host}: any free port" if wanted == 0 else f"{host}:{wanted} is free")


def writable(folder: Path) -> Verdict:
    """Tried with a file that has no name, so that nothing is left even by a kill."""
    try:
        there = nearest(folder)
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"doctor")
            file.flush()
    except OSError as error:
        return fault(f"{folder} cannot be written to: {error.strerror}", ELSEWHERE)
    return ok(f"{folder} can be written to" if there == folder else f"{folder} can be made, at the first start")


def room(free_bytes: int) -> Verdict:
    shown = f"{free_bytes / 1024**3:.1f} GiB free where the data directory is"
    if free_bytes < FULL_BYTES:
        return fault(shown, ROOM)
    return warning(shown, ROOM) if free_bytes < SCARCE_BYTES else ok(shown)


def nearest(folder: Path) -> Path:
    """The folder itself, or what of its path is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def bot_runs(folder: Path) -> bool:
    """Whether a bot holds the data directory's lock."""
    try:
        with (folder / "bot.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no lock file that we could open: no bot of this user
        return False
    return False
