"""What the web pages read."""

import pytest
from sqlalchemy import event

from slackbot.core.task import TaskState
from slackbot.store import decisions, pages, tasks, work
from slackbot.store.database import Database, Transaction
from tests.store.samples import NOON, a_task, change, check, create, decision, later, thread, turn


async def test_the_overview_is_limited_and_counts_what_it_left_out(database: Database) -> None:
    waiting = [await database.write(create, f"message:{n}", where=thread(n), at=later(n)) for n in range(3)]
    ended = [
        await database.write(create, f"message:{n}", where=thread(n), at=later(n), state=state)
        for n, state in ((7, TaskState.DONE), (8, TaskState.FAILED), (9, TaskState.CANCELLED))
    ]
    found = await database.read(pages.overview, 2, 2)
    assert (found.open, found.open_count, found.ended) == (waiting[:2], 3, [ended[2], ended[1]])


async def test_open_tasks_are_found_without_a_look_at_all_that_ended(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("Postgres plans by what is in the tables")
    asked: list[tuple[str, tuple[object, ...]]] = []

    def plans(tx: Transaction) -> list[str]:
        event.listen(
            tx.connection, "before_cursor_execute", lambda _c, _cu, sql, values, *_: asked.append((sql, values))
        )
        pages.overview(tx, 10, 10)
        of_open, its_count, _of_ended = list(asked)
        run = tx.connection.exec_driver_sql
        return [str(row[3]) for sql, values in (of_open, its_count) for row in run(f"EXPLAIN QUERY PLAN {sql}", values)]

    found = await database.read(plans)
    assert [line for line in found if line.startswith("SCAN")] == []
    assert sum("tasks_by_state (state=?" in line for line in found) == 2


async def test_a_history_holds_what_every_attempt_left_and_nothing_of_other_tasks(database: Database) -> None:
    task, stranger = await a_task(database, number=1), await a_task(database, number=2)
    for owner in (stranger, task):
        await database.write(tasks.begin_attempt, owner.id, 1, NOON)
        await database.write(work.begin_turn, turn(owner.id, prompt="long " * 1000))
        await database.write(work.keep_check, check(owner.id), "shop/checkout")
        await database.write(work.put_change, change(owner.id), "a diff")
        await database.write(work.put_change, change(owner.id, attempt=2), "another")
        await database.write(decisions.keep, decision(owner.id, f"click:{owner.id}"))
    found = await database.read(pages.history, task.id)
    assert found is not None
    assert found.task.id == task.id
    assert [run.repo for run in found.checks] == ["shop/checkout"]
    assert [made.attempt for made in found.changes] == [1, 2]
    assert [(line.number, line.kind, line.agent, line.outcome) for line in found.turns] == [
        (1, "request", "demo", None)
    ]
    assert found.decisions == [decision(task.id, f"click:{task.id}")]
    assert {row.task for row in found.attempts} == {task.id}


async def test_a_diff_comes_with_its_change(database: Database) -> None:
    task = await a_task(database)
    await database.write(work.put_change, change(task.id), "one")
    await database.write(work.put_change, change(task.id, repo="shop/web"), "two")
    assert await database.read(pages.shown_diff, task.id, 1, "shop/web") == (change(task.id, repo="shop/web"), "two")


async def test_what_is_not_there_is_none(database: Database) -> None:
    task = await a_task(database)
    assert await database.read(pages.history, 999_999_999) is None
    assert await database.read(pages.turn, task.id, 1, 1) is None
    assert await database.read(pages.shown_diff, task.id, 1, "shop/checkout") is None
