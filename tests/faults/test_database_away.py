"""The database is locked, stopped or crashes while tasks are under way: nothing is lost and work goes on by itself."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from slackbot.playground.model import Message
from slackbot.playground.people import NotAcked
from slackbot.settings import database_url
from tests.chaos.order import settles
from tests.chaos.people import card_that_says, ready
from tests.chaos.stories import Scene, landed_at_once
from tests.faults.cluster import Cluster, cluster, programs
from tests.stage import ALICE, BOB, INCIDENTS, Stage, staged, upgraded

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
# Slack's third and fourth try come after a minute and five; nobody here wants to wait for those.
RETRIES_S = (3.0,) * 40
LOCKED_S = (3, 33)  # beyond 30 s the bot's own patience with a locked file is over too
DOWN_S = 4


@asynccontextmanager
async def on_stage(folder: Path, **environment: str) -> AsyncIterator[Stage]:
    async with staged(folder, **environment) as stage:
        stage.slack.deliveries.retries_s = RETRIES_S
        stage.slack.people.ack_timeout_s = 3.0
        stage.add_repo()
        stage.configure()
        if environment:
            await upgraded(stage)
        await stage.start_bot()
        yield stage
        sys.stdout.write("".join(stage.log.read_text().splitlines(keepends=True)[-150:]))
        assert await stage.stop_bot() == 0


@asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Another program of the operator's holds the file's write lock."""
    holder = sqlite3.connect(stage.folder / "data" / "slackbot.db", isolation_level=None, timeout=30)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@asynccontextmanager
async def down(server: Cluster, end: Callable[[], None]) -> AsyncIterator[None]:
    """The server is ended, and started again afterwards."""
    await asyncio.to_thread(end)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def goes_on(stage: Stage, away: AbstractAsyncContextManager[None], seconds: float) -> None:
    """One task whose agent ends its turn while the database is away, one approved then, one asked for then."""
    go = stage.folder / "go"
    working, deciding, asking = (Scene(stage, name) for name in ("working", "deciding", "asking"))
    at_work = await stage.mention(working.ask("write one-working.txt 1", f"await {go}"))
    await card_that_says(stage, at_work, "turn 1")
    offered = await stage.mention(deciding.ask("write one-deciding.txt 1"))
    card = await ready(stage, offered)
    async with away:
        go.touch()
        said = asyncio.create_task(landed_at_once(asking))
        clicked = asyncio.create_task(_click_until_heard(stage, card))
        await asyncio.sleep(seconds)
        assert not clicked.done(), "acked without a row"
        assert not _acked(stage) - _kept(stage, before=card.ts)
    await clicked
    await card_that_says(stage, offered, "Landed")
    await stage.click(BOB, await ready(stage, at_work), "approve")
    await card_that_says(stage, at_work, "Landed")
    await said
    assert [scene.landings() for scene in (working, deciding, asking)] == [1, 1, 1]
    assert _acked(stage) <= _kept(stage)
    await settles(stage)


async def _click_until_heard(stage: Stage, card: Message) -> None:
    """Slack sends a click only once; whoever is told that it did not work clicks again."""
    while True:
        try:
            await stage.click(BOB, card, "approve")
        except NotAcked:
            continue
        except LookupError:
            pass  # the button is gone: it was heard, though late
        return


def _acked(stage: Stage) -> set[str]:
    """What people said to the bot and Slack believes it has: the messages' ts."""
    acked = {ack.about for ack in stage.slack.acks() if ack.event == "message" and ack.acked_at}
    said = stage.slack.workspace.messages.in_channel(INCIDENTS)
    return {message.ts for message in said if message.ts in acked and message.user in (ALICE, BOB)}


def _kept(stage: Stage, before: str = "") -> set[str]:
    """What is in the inbox; `before`: what must be there, said before that moment, as long as nobody can look."""
    if before:
        return {message.ts for message in stage.slack.workspace.messages.in_channel(INCIDENTS) if message.ts < before}
    engine = create_engine(database_url(stage.environment.get("SLACKBOT_DATABASE_URL"), stage.folder / "data"))
    with engine.connect() as connection:
        keys = connection.execute(text("SELECT key FROM inbox WHERE kind = 'message'")).scalars().all()
    engine.dispose()
    return {key.split(":")[3] for key in keys}


@pytest.mark.parametrize("seconds", LOCKED_S)
async def test_a_locked_file_is_waited_for(tmp_path: Path, seconds: int) -> None:
    async with on_stage(tmp_path) as stage:
        await goes_on(stage, locked(stage), seconds)


@pytest.mark.skipif(programs() is None, reason="no Postgres server is installed")
@pytest.mark.parametrize("how", ["stop", "crash"])
async def test_a_server_that_restarts_is_waited_for(tmp_path: Path, how: str) -> None:
    with cluster() as server:
        async with on_stage(tmp_path, SLACKBOT_DATABASE_URL=server.url) as stage:
            end = server.stop if how == "stop" else server.crash
            await goes_on(stage, down(server, end), DOWN_S)
