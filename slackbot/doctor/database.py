"""Whether the database is there, migrated, and one that the engine starts on. Never makes or upgrades one."""

import asyncio
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from slackbot.bundled import bundled
from slackbot.core.errors import StoreUnavailable
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, unchecked
from slackbot.store.migrate import missing

LIMIT_S = 10.0
CONNECT_LIMIT_S = 8
HEADER = b"SQLite format 3\0"
NO_URL = "the database's address is faulty"
Version = tuple[int, int]


async def database(case: Case) -> Verdict:
    url = case.survey.database_url
    if url is None:
        return unchecked(NO_URL)
    path = sqlite_path(url)
    if path is not None and (verdict := await asyncio.to_thread(_file, path, case.survey.data_dir)):
        return verdict
    try:
        behind = await _apart(lambda: missing(_impatient(url), bundled("migrations")))
    except TimeoutError:
        return fault(
            f"the database did not answer within {LIMIT_S:g} s", "See whether its server runs and is reachable."
        )
    except StoreUnavailable as error:
        return fault(
            " ".join(error.sentence.split()), "See whether it runs, and whether SLACKBOT_DATABASE_URL is right."
        )
    return migrated(behind, in_file=path is not None)


async def sqlite(case: Case) -> Verdict:
    url = case.survey.database_url
    if url is None:
        return unchecked(NO_URL)
    if sqlite_path(url) is None:
        return ok("not used: the database is Postgres")
    major, minor, *_ = sqlite3.sqlite_version_info
    return fitting(sys.version_info[:2], (major, minor))


def fitting(python: Version, library: Version) -> Verdict:
    """The engine's tables need a newer SQLite from Python 3.12 on."""
    shown = f"SQLite {library[0]}.{library[1]} with Python {python[0]}.{python[1]}"
    if python >= (3, 12) and library < (3, 42):
        step = "Use Python 3.11, or a Python whose SQLite is 3.42 or newer, or Postgres (SLACKBOT_DATABASE_URL)."
        return fault(f"{shown}: the engine does not start on these two", step)
    return ok(shown)


def migrated(behind: bool, *, in_file: bool) -> Verdict:
    if not behind:
        return ok("reachable, with the newest tables")
    if in_file:
        return ok("an older one; the bot upgrades it at its next start")
    return fault("the database lacks the newest tables", "Run `slackbot db upgrade`.")


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database."""
    return Path(url.removeprefix("sqlite:///").partition("?")[0]) if url.startswith("sqlite:") else None


def _file(path: Path, data_dir: Path) -> Verdict | None:
    """What the file alone says; None: open it. Opening one that is not there would make it."""
    try:
        if not path.exists():
            return _none_yet(path, data_dir)
        with path.open("rb") as file:
            head = file.read(len(HEADER))
    except OSError as error:
        return fault(f"{path} cannot be read: {error.strerror}", "Give the bot's user the right to read and write it.")
    if head and head != HEADER:
        return fault(f"{path} is no SQLite database", "Move it away, or correct SLACKBOT_DATABASE_URL.")
    return None if head else ok("empty; the bot fills it at its first start")


def _none_yet(path: Path, data_dir: Path) -> Verdict:
    """The bot makes its data directory, and no other folder."""
    if path.parent == data_dir or path.parent.is_dir():
        return ok("none yet; the bot makes it at its first start")
    return fault(f"the folder of {path} is not there", "Make it, or correct SLACKBOT_DATABASE_URL.")


def _impatient(url: str) -> str:
    """A server's address with a limit for the driver itself, so that no thread is left hanging."""
    if url.startswith("sqlite:") or "connect_timeout=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={CONNECT_LIMIT_S}"


async def _apart(work: Callable[[], bool]) -> bool:
    """Run blocking work in a thread that the end of the program does not wait for. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()

    def keep(settle: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if done.done() else settle())

    def run() -> None:
        try:
            answer = work()
        except Exception as error:  # noqa: BLE001 whoever waits gets it
            failed = error
            keep(lambda: done.set_exception(failed))
        else:
            keep(lambda: done.set_result(answer))

    threading.Thread(target=run, daemon=True, name="doctor-database").start()
    async with asyncio.timeout(LIMIT_S):
        return await done
