"""The stage of a figure: local Slack, one repository, the bot as a process, or the plain app in its place."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Lost
from tests.stage import CHECKOUT, Stage, staged

AGENT_FILE = CHECKOUT / "tests/fakes/acp_agent.py"
AGENTS = f"""
[agents.writes]
kind = "acp"
command = ["{sys.executable}", "{AGENT_FILE}", "--script", '["write line.txt one line", "text Done."]']
sandbox = "none"
[agents.waits]
kind = "acp"
command = ["{sys.executable}", "{AGENT_FILE}", "--script", '["wait"]']
sandbox = "none"
"""
CHECK = "true"


@asynccontextmanager
async def house(folder: Path, agent: str = "writes", attempts: int = 4) -> AsyncIterator[Stage]:
    """A stage with its repository and configuration; nobody is started yet. Gone at the end of the block."""
    with TemporaryDirectory(dir=folder) as own:
        async with staged(Path(own)) as stage:
            stage.add_repo(agent=agent, check=CHECK)
            stage.configure(AGENTS, attempts=attempts)
            yield stage


async def start_plain(stage: Stage, module: str = "bench.plain_app") -> None:
    """Start a floor's process where the bot would be, and wait until it is connected."""
    slack = stage.slack
    with stage.log.open("ab") as log:
        stage.bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, slack.api_url, slack.bot_token, slack.app_token, stage.folder / "plain.db",
            cwd=CHECKOUT, env=stage.environment, stdout=log, stderr=log,
        )  # fmt: skip
    await slack.until(lambda: slack.socket.connections > 0, 30)


def database(stage: Stage) -> Path:
    """The bot's database file."""
    return stage.folder / "data" / "slackbot.db"


def count(file: Path, query: str) -> int:
    """One number out of a database that another process uses."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
    try:
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


async def counted(stage: Stage, query: str, wanted: int, timeout_s: float) -> None:
    """Wait until the bot's database counts so many. Raises Lost with what it counted."""
    found = -1
    try:
        async with asyncio.timeout(timeout_s):
            while (found := await asyncio.to_thread(count, database(stage), query)) < wanted:  # noqa: ASYNC110 another process writes it
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise Lost(f"{query}: {found} of {wanted} after {timeout_s:g} s") from error
    if found > wanted:
        raise Lost(f"{query}: {found}, only {wanted} were asked for")


def lose_nothing(stage: Stage, query: str, wanted: int) -> None:
    """Raises Lost when the bot's database does not count exactly so many."""
    if (found := count(database(stage), query)) != wanted:
        raise Lost(f"{query}: {found} instead of {wanted}")
