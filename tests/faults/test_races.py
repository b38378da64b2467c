"""Approve against rework against stop, by two processes at once: exactly one wins, all others are told by whom."""

import asyncio
import multiprocessing
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from dbos import DBOSClient
from sqlalchemy import create_engine, text

from slackbot.bundled import bundled
from slackbot.core.task import Decision, Task, TaskId, TaskState
from slackbot.store import decisions, tasks, work
from slackbot.store.database import Database, Transaction
from slackbot.store.migrate import upgrade
from tests.fakes.chat import Told
from tests.faults.contender import ACTIONS, contend, line_up
from tests.postgres import SERVER, fresh_postgres
from tests.store import samples

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

RACES = {"sqlite": 100, "postgres": 1000}
PROCESSES = ("one", "two")
WINS = {
    "approve": (TaskState.LANDING, ["landing"]),
    "rework": (TaskState.QUEUED, ["attempt", "discard"]),
    "stop": (TaskState.CANCELLED, ["discard"]),
}


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres" and not SERVER:
        pytest.skip("SLACKBOT_TEST_POSTGRES_URL is not set")
    return str(request.param)


@pytest.fixture
def url(backend: str, tmp_path: Path) -> Iterator[str]:
    """A database with our tables and the engine's."""
    if backend == "sqlite":
        made = f"sqlite:///{tmp_path / 'slackbot.db'}"
        _prepared(made)
        yield made
        return
    with fresh_postgres() as server:
        made = server.replace("postgresql://", "postgresql+psycopg://")
        _prepared(made)
        yield made


def _prepared(url: str) -> None:
    upgrade(url, bundled("migrations"))
    client = DBOSClient(system_database_url=url)
    client._sys_db.run_migrations()
    client.destroy()


def test_exactly_one_of_many_hands_decides(backend: str, url: str) -> None:
    raced = asyncio.run(_waiting_tasks(url, RACES[backend]))
    told = _raced(url, raced)
    found, made = asyncio.run(_read(url))
    flows = _flows(url)
    winners = set()
    for task in found:
        assert len(made[task.id]) == 1, made[task.id]
        (decision,) = made[task.id]
        state, follow_ups = WINS[decision.kind]
        winners.add(decision.kind.value)
        assert task.state is state
        assert sorted(flows[task.label]) == follow_ups
        losers = [each for each in told if each.thread == task.thread]
        assert {each.user for each in losers} == _everybody() - {decision.by}
        assert all(f"<@{decision.by}> decided first" in each.text for each in losers), losers
    assert winners == set(ACTIONS), "not every kind of decision ever won: these were no races"


def _everybody() -> set[str]:
    return {f"U{name}{action}".upper() for name in PROCESSES for action in ACTIONS}


async def _waiting_tasks(url: str, count: int) -> list[int]:
    """Tasks of which people are asked to decide."""

    def query(tx: Transaction) -> list[int]:
        made = []
        for number in range(1, count + 1):
            state, where = TaskState.AWAITING_APPROVAL, samples.thread(number)
            task = samples.create(tx, f"message:{number}", where=where, state=state)
            work.put_change(tx, samples.change(task.id), "diff")
            made.append(int(task.id))
        return made

    database = Database(url)
    made = await database.write(query)
    database.close()
    return made


def _raced(url: str, raced: list[int]) -> list[Told]:
    """Run both processes; what they told people."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(len(PROCESSES))
    with ProcessPoolExecutor(len(PROCESSES), mp_context=spawn, initializer=line_up, initargs=(start,)) as pool:
        running = [pool.submit(contend, name, url, raced) for name in PROCESSES]
        return [each for contender in running for each in contender.result()]


async def _read(url: str) -> tuple[list[Task], dict[TaskId, list[Decision]]]:
    def query(tx: Transaction) -> tuple[list[Task], dict[TaskId, list[Decision]]]:
        ids = tx.connection.execute(text("SELECT id FROM tasks")).scalars()
        found = [tasks.get(tx, TaskId(task)) for task in ids]
        return found, {task.id: decisions.of_task(tx, task.id) for task in found}

    database = Database(url)
    found = await database.read(query)
    database.close()
    return found


def _flows(url: str) -> dict[str, list[str]]:
    """The flows that were enqueued, by the task that their id names."""
    engine = create_engine(url)
    schema = "" if url.startswith("sqlite") else "dbos."
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT workflow_uuid, name FROM {schema}workflow_status")).all()
    engine.dispose()
    found: dict[str, list[str]] = defaultdict(list)
    for flow_id, name in rows:
        found[str(flow_id).split(":")[1]].append(str(name))
    return found
