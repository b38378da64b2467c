"""The roof: builds every room, wires them, opens the doors, and closes them again. Nobody imports it but the CLI."""

import asyncio
import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from slackbot.agents import AcpRunner, Unboxed, faults, refusals
from slackbot.bundled import bundled
from slackbot.chat import SlackChat, rate
from slackbot.connection import SocketLine, bolt, http_route, identify
from slackbot.core.config import Config
from slackbot.core.errors import ConfigurationError
from slackbot.flows import reconcile
from slackbot.flows.attempt import attempt
from slackbot.flows.away import last_heard_at, listen, while_away
from slackbot.flows.calendar import Calendar
from slackbot.flows.cards import Painter
from slackbot.flows.discard import discard
from slackbot.flows.engine import Engine
from slackbot.flows.house import House, Links, move_in
from slackbot.flows.housekeeping import housekeeping
from slackbot.flows.intake import Intake, intake
from slackbot.flows.landing import landing
from slackbot.flows.summary import summary
from slackbot.forges import LocalForge
from slackbot.repos import GitRepos
from slackbot.settings import Settings, inherited
from slackbot.skills import SkillFolder
from slackbot.store.database import Database
from slackbot.store.migrate import missing, upgrade
from slackbot.web import serve, web_app

log = structlog.get_logger()
FLOWS = (intake, attempt, discard, landing, summary, while_away, housekeeping)
PASSED_ON = ("PATH", "LANG", "LANGUAGE", "TZ", "LC_ALL", "LC_CTYPE", "TERM")
DRAIN_S = 8.0
CANCEL_AGAIN_S = 1.0  # the engine may have begun something between two looks
LEAVE_ANYWAY_S = 15.0  # SIGTERM promises an end within 20 s
CONNECTIONS = 40


def utc_now() -> datetime:
    return datetime.now(UTC)


def prepare(settings: Settings, config: Config) -> dict[str, str]:
    """Check what can be checked before anything starts; the environment that agents may see.

    Raises ConfigurationError with every fault.
    """
    names = {name for agent in config.agents.values() for name in agent.env}
    environment = inherited((*PASSED_ON, *sorted(names)), settings.env_file)
    used = {repo.agent for repo in config.repos}
    fatal = [fault for name in sorted(used) for fault in refusals(name, config.agents[name])]
    if fatal:
        raise ConfigurationError(fatal)
    for fault in faults(config.agents, environment, settings.config_path.parent):
        log.warning("agent_cannot_run", fault=fault)
    return environment


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """One bot per data directory: two would run each other's flows. Raises ConfigurationError."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "bot.lock").open("w") as file:
        _lock(file, data_dir)
        yield


def _lock(file: TextIO, data_dir: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        fault = f"another bot runs on {data_dir}: stop it, or give this one its own SLACKBOT_DATA_DIR"
        raise ConfigurationError([fault]) from error


def migrated(settings: Settings) -> None:
    """SQLite is upgraded at start; a server's schema is an operator's decision. Raises ConfigurationError."""
    migrations = bundled("migrations")
    if settings.database_url.startswith("sqlite"):
        upgrade(settings.database_url, migrations)
    elif missing(settings.database_url, migrations):
        raise ConfigurationError(["the database lacks the newest tables: run `slackbot db upgrade` first"])


def furnish(settings: Settings, config: Config, client: AsyncWebClient, clock: Callable[[], datetime]) -> House:
    """Build the house with its real wings."""
    environment = prepare(settings, config)
    links = Links(config.web.public_url)
    repos = GitRepos(settings.data_dir, settings.config_path.parent, clock=clock)
    repos.clear_scratch()

    def page_url(repo: str, branch: str) -> str | None:
        task, _, attempt = branch.removeprefix("pitcrew/T").partition("-")
        return links.diff(int(task), int(attempt), repo)

    return House(
        config=config,
        db=Database(settings.database_url),
        engine=Engine(settings.database_url),
        chat=SlackChat(client, clock, rates={"chat.update": rate(config.bot.edits_per_minute)}),
        repos=repos,
        forges={"local": LocalForge(settings.data_dir / "pulls", repos, page_url)},
        runner=AcpRunner(config.agents, environment, settings.config_path.parent),
        sandbox=Unboxed(config.agents, environment),
        skills=SkillFolder(bundled("skills")),
        links=links,
        clock=clock,
    )


async def run(
    settings: Settings, config: Config, *, ready: Callable[[str], None] = lambda url: None,
    stop: asyncio.Event | None = None, clock: Callable[[], datetime] = utc_now,
) -> None:  # fmt: skip
    """Run the bot until `stop` is set or a signal comes; `ready` is told the address of our pages.

    Raises ConfigurationError when it cannot start as configured.
    """
    stop = stop or _stop_on_signals()
    with alone(settings.data_dir):
        migrated(settings)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
            client = AsyncWebClient(
                token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, session=session,
                timeout=20, retry_handlers=[],
            )  # fmt: skip
            await _live(settings, furnish(settings, config, client, clock), client, ready, stop)


async def _live(
    settings: Settings, house: House, client: AsyncWebClient, ready: Callable[[str], None], stop: asyncio.Event
) -> None:
    state = {"slack": False, "database": True}
    identity = await _or_stop(identify(client), stop)
    if identity is None:
        return
    door, painter, calendar = Intake(house), Painter(house), Calendar(house)
    app = bolt(client, settings, identity)
    handlers.register(app, door.receive, identity.user, identity.bot)
    pages = web_app(house.db, house.config.web, ready=lambda: state, clock=house.clock)
    line = _line(settings, app, client)
    if line is None:
        pages.router.add_routes([http_route(app)])
    heard_at = await last_heard_at(house)
    served = await serve(pages, house.config.web.host, house.config.web.port)
    move_in(house)
    await house.engine.launch(house.config, FLOWS)
    background = [asyncio.create_task(work) for work in (door.run(), painter.run(), reconcile.run(house))]
    background.append(asyncio.create_task(listen(house, heard_at)))
    try:
        await calendar.start()
        if line is not None:
            await _or_stop(line.open(), stop)
        state["slack"] = True
        log.info("bot_ready", pages=served.url, socket_mode=line is not None)
        ready(served.url)
        await _until_stopped_or_broken(stop, background)
    finally:
        log.info("bot_stopping")
        patience = leave_anyway()
        calendar.stop()
        if line is not None:
            await line.close()
        await served.stop()
        await _leave(house)
        patience.cancel()
        log.info("bot_stopped")


def _line(settings: Settings, app: object, client: AsyncWebClient) -> SocketLine | None:
    token = settings.slack_app_token
    return SocketLine(app, client, token.get_secret_value()) if token else None  # type: ignore[arg-type]


async def _or_stop(work, stop: asyncio.Event):  # type: ignore[no-untyped-def]
    """Await `work` unless the bot is stopped first; None then."""
    running, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if running.done():
        return running.result()
    running.cancel()
    return None


async def _until_stopped_or_broken(stop: asyncio.Event, background: list[asyncio.Task[None]]) -> None:
    """Wait for the end; work that should never end and did is raised, so that a supervisor starts us anew."""
    stopping = asyncio.create_task(stop.wait())
    pending = {stopping, *background}
    while stopping in pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()


def leave_anyway() -> threading.Timer:
    """A database that is away can hold up threads for minutes; everything is resumable, so we go without them."""
    timer = threading.Timer(LEAVE_ANYWAY_S, os._exit, (0,))
    timer.daemon = True
    timer.start()
    return timer


async def _leave(house: House) -> None:
    """Cancel what runs: agents end with their turns, and the engine takes unfinished flows up at the next start."""
    house.engine.begin_closing()
    deadline = asyncio.get_running_loop().time() + DRAIN_S
    while rest := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
        for task in rest:
            task.cancel()
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s <= 0:
            break
        await asyncio.wait(rest, timeout=min(left_s, CANCEL_AGAIN_S))
    house.repos.close()
    await asyncio.to_thread(house.engine.close)
    house.db.close()
    move_in(None)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop
