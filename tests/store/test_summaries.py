"""What summaries remember and count, on both databases."""

from datetime import timedelta

import pytest

from slackbot.core.task import Task, TaskState
from slackbot.store import summaries, work
from slackbot.store.database import Database, Transaction
from slackbot.store.summaries import SlowCheck, Spent
from tests.store.samples import NOON, a_task, change, check, create, later, thread, turn

S = TaskState


async def test_the_first_word_about_a_date_stands(database: Database) -> None:
    assert await database.write(summaries.record, "team", "2026-11-20", "skipped", at=NOON)
    assert not await database.write(summaries.record, "team", "2026-11-20", "posted", at=NOON, until=NOON)
    assert await database.read(summaries.is_recorded, "team", "2026-11-20")
    assert not await database.read(summaries.is_recorded, "ops", "2026-11-20")
    assert await database.read(summaries.reported_until, "team") is None


async def test_the_next_period_begins_where_the_last_post_ended(database: Database) -> None:
    await database.write(summaries.record, "team", "2026-11-19", "posted", at=later(50), until=later(10))
    await database.write(summaries.record, "team", "2026-11-20", "failed", at=later(99))
    await database.write(summaries.record, "ops", "2026-11-21", "posted", at=later(99), until=later(99))
    assert await database.read(summaries.reported_until, "team") == later(10)
    assert await database.read(summaries.newest_recorded, "team") == "2026-11-20"
    assert await database.read(summaries.newest_recorded, "new") is None


def _ended(tx: Transaction, number: int, state: TaskState, at_s: float, *, landed: bool = False) -> Task:
    made = create(tx, f"message:{number}", where=thread(number), state=state, at=later(at_s))
    if landed:
        work.put_change(tx, change(made.id), "diff")
        work.set_landed(tx, change(made.id), "c" * 40)
    return made


async def test_the_ends_of_a_half_open_period_are_counted_and_a_few_listed(database: Database) -> None:
    for number, at_s in enumerate([0, 1, 2, 3]):
        await database.write(_ended, number, S.DONE, at_s, landed=True)
        await database.write(_ended, 10 + number, S.DONE, at_s)
        await database.write(_ended, 20 + number, S.FAILED, at_s)
    landed = await database.read(summaries.landed, later(1), later(3), 1)
    failed = await database.read(summaries.failed, later(1), later(3), 10)
    assert (landed.total, [task.state_at for task in landed.tasks]) == (2, [later(1)])
    assert (failed.total, [task.state_at for task in failed.tasks]) == (2, [later(1), later(2)])
    assert await database.read(summaries.answered, later(1), later(3)) == 2
    shown = await database.read(summaries.landed_changes, [task.id for task in landed.tasks])
    assert [made.landed_sha for made in shown[landed.tasks[0].id]] == ["c" * 40]


async def test_the_longest_waiting_are_listed_first_whatever_their_state(database: Database) -> None:
    for number, state in enumerate([S.BLOCKED, S.AWAITING_APPROVAL, S.BLOCKED, S.RUNNING]):
        await database.write(_ended, number, state, -number)
    waiting = await database.read(summaries.standing, {S.BLOCKED, S.AWAITING_APPROVAL}, 2)
    assert (waiting.total, [task.state_at for task in waiting.tasks]) == (3, [later(-2), later(-1)])


async def test_runs_over_budget_are_added_up_by_repository(database: Database) -> None:
    task = (await a_task(database)).id
    for repo, took_s, budget_s, at_s in [
        ("a", 61, 60, 0), ("a", 90, 60, 5), ("a", 60, 60, 5), ("b", 9, 5, 5), ("b", 9, None, 5), ("a", 99, 60, 10),
    ]:  # fmt: skip
        run = check(task).model_copy(update={"duration_s": took_s, "budget_s": budget_s, "at": later(at_s)})
        await database.write(work.keep_check, run, repo)
    found = await database.read(summaries.slow_checks, NOON, later(10))
    assert found == [SlowCheck("a", 2, 90, 60), SlowCheck("b", 1, 9, 5)]


async def test_turns_that_began_in_the_period_are_added_up(database: Database) -> None:
    task = (await a_task(database)).id
    for number, (at_s, took_s, tokens) in enumerate([(0, 60, 100), (1, 3601, None), (2, None, None), (10, 5, 5)]):
        begun = turn(task, number).model_copy(update={"started_at": later(at_s)})
        await database.write(work.begin_turn, begun)
        if took_s is not None:
            end = later(at_s) + timedelta(seconds=took_s)
            await database.write(work.end_turn, task, 1, number, at=end, outcome="completed", tokens=tokens)
    assert await database.read(summaries.spent, NOON, later(10)) == Spent(3, 3661.0, 100)
    assert await database.read(summaries.spent, later(20), later(30)) == Spent(0, 0, 0)


async def test_no_query_of_a_summary_reads_tables_from_end_to_end(database: Database) -> None:
    """A million finished tasks must not be looked at to tell of one day."""
    if not database.is_sqlite:
        pytest.skip("Postgres plans by what is in the tables")

    def plans(tx: Transaction) -> list[str]:
        queries = [
            "SELECT count(*) FROM tasks WHERE state = 'done' AND state_at >= '2026' AND state_at < '2027'",
            "SELECT id FROM tasks WHERE state IN ('running', 'queued') ORDER BY state_at, id LIMIT 10",
            "SELECT count(*), sum(tokens), max(ended_at) FROM turns WHERE started_at >= '2026' AND started_at < '2027'",
            "SELECT repo, max(duration_s), max(budget_s) FROM checks WHERE at >= '2026' AND duration_s > budget_s"
            " GROUP BY repo",
        ]
        run = tx.connection.exec_driver_sql
        return [str(row[3]) for query in queries for row in run(f"EXPLAIN QUERY PLAN {query}")]

    found = await database.read(plans)
    assert [line for line in found if line.startswith("SCAN")] == []
    assert sum("COVERING INDEX" in line for line in found) == 4
