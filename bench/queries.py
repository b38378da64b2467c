"""What people and the summary ask of a very large database, beside the same SQL sent by the bare driver."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, cast

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench.figure import Figure, Lost, Reach
from bench.house import database, house
from bench.past import OURS, multiply, one_task
from bench.samples import median
from bench.size import Size
from slackbot.flows.house import House, Links, move_in
from slackbot.flows.summary import WAITING, gather
from slackbot.store import pages, tasks
from slackbot.store.database import Database, Transaction
from slackbot.web.pages import ENDED_SHOWN, OPEN_SHOWN

MS = 1000
# Of the copies, all of which landed: a few that are open, some that failed or brought no change, some slow checks.
WAYS = (
    "UPDATE tasks SET state = 'awaiting_approval' WHERE id % 4000 = 0",
    "UPDATE tasks SET state = 'blocked' WHERE id % 20000 = 1",
    "UPDATE tasks SET state = 'queued' WHERE id % 50000 = 2",
    "UPDATE tasks SET state = 'failed', note = 'The check still fails.' WHERE id % 50 = 3",
    "UPDATE changes SET landed_sha = NULL WHERE task % 20 = 4 OR task IN (SELECT id FROM tasks WHERE state <> 'done')",
    "UPDATE checks SET duration_s = 90, budget_s = 60 WHERE task % 100 = 5",
)


class Question(NamedTuple):
    name: str
    ask: Callable[[Transaction], object]
    most_ms: float


Statement = tuple[str, tuple[object, ...]]


async def figures(size: Size, folder: Path) -> list[Figure]:
    async with house(folder) as stage:
        await one_task(stage, landed=True)
        file = database(stage)
        await asyncio.to_thread(_remember, file, size.remembered)
        # All that the lines of a summary ask of the house.
        move_in(cast(House, SimpleNamespace(links=Links("http://pitcrew.test"))))
        db = Database(f"sqlite:///{file}")
        try:
            return [await _figure(size, db, file, question) for question in _questions(datetime.now(UTC))]
        finally:
            db.close()
            move_in(None)


def _questions(now: datetime) -> list[Question]:
    return [
        Question("what waits for people", lambda tx: tasks.in_states(tx, WAITING), 20),
        Question("the page of all tasks", lambda tx: pages.overview(tx, OPEN_SHOWN, ENDED_SHOWN), 20),
        Question("the daily summary", lambda tx: gather(tx, now - timedelta(days=1), now), 200),
    ]


def _remember(file: Path, tasks_wanted: int) -> None:
    multiply(file, tasks_wanted - 1, OURS)
    with closing(sqlite3.connect(file)) as rows:
        for way in WAYS:
            rows.execute(way)
        rows.commit()
        found = rows.execute("SELECT count(*) FROM tasks").fetchone()[0]
    if found != tasks_wanted:
        raise Lost(f"{found} tasks instead of {tasks_wanted}")


async def _figure(size: Size, db: Database, file: Path, question: Question) -> Figure:
    statements = await _statements(db, question)
    with closing(sqlite3.connect(file, check_same_thread=False)) as bare:
        ours, plain = [], []
        for _ in range(size.queries + 1):
            ours.append(await _took_ms(db, question))
            plain.append(await asyncio.to_thread(_bare_ms, bare, statements))
    return Figure(
        name=f"{size.remembered:,} tasks: {question.name}", value=median(ours[1:]), unit="ms",
        reference=median(plain[1:]), reference_name="the bare SQL", reach=Reach(most=question.most_ms),
        how=f"Median of {size.queries}, taking turns, after one that does not count; the reference is the same "
        f"{len(statements)} statements sent by Python's sqlite3, rows fetched and thrown away.",
    )  # fmt: skip


async def _statements(db: Database, question: Question) -> list[Statement]:
    """What the question sends to the database, as the driver gets it."""
    heard: list[Statement] = []

    def listen(connection: object, cursor: object, sql: str, parameters: tuple[object, ...], *_: object) -> None:
        if sql.lstrip().upper().startswith("SELECT"):
            heard.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        await db.read(question.ask)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    return heard


async def _took_ms(db: Database, question: Question) -> float:
    began = time.perf_counter()
    await db.read(question.ask)
    return MS * (time.perf_counter() - began)


def _bare_ms(bare: sqlite3.Connection, statements: list[Statement]) -> float:
    began = time.perf_counter()
    for sql, parameters in statements:
        bare.execute(sql, parameters).fetchall()
    return MS * (time.perf_counter() - began)
