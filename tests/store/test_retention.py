"""What is old and of nothing open is found and deleted; everything else stays."""

from datetime import timedelta

import pytest

from slackbot.core.request import MessageRequest
from slackbot.core.task import Task, TaskId, TaskState, Thread
from slackbot.store import inbox, pages, retention, tasks, work
from slackbot.store.database import Database, Transaction
from tests.store.samples import NOON, a_task, change, check, later, said, turn

LONG_AGO, CUTOFF = NOON - timedelta(days=40), NOON - timedelta(days=30)


async def a_request(
    database: Database, number: int, *, days: float = 40, handled: bool = True, of: Task | None = None
) -> str:
    where = of.thread if of else Thread(team="T1", channel="C9", ts=f"1600000000.{number:06}")
    request = MessageRequest(thread=where, ts=f"1600000000.{number:06}", author="U1", text="hello", names_bot=True)
    await database.write(inbox.keep, request, NOON - timedelta(days=days))
    if handled:
        await database.write(inbox.mark_handled, request.key, NOON)
    return request.key


async def ended(database: Database, number: int, state: TaskState = TaskState.FAILED, days: float = 40) -> Task:
    task = await a_task(database, TaskState.RUNNING, number)

    def query(tx: Transaction) -> None:
        tasks.begin_attempt(tx, task.id, 1, LONG_AGO)
        work.begin_turn(tx, turn(task.id))
        work.keep_check(tx, check(task.id), "shop/checkout")
        work.add_message(tx, f"m{number}", task.id, said("1.0"), instruction=True)
        work.put_change(tx, change(task.id), "the diff")
        tasks.end_attempt(tx, task.id, 1, NOON - timedelta(days=days))
        if state is not TaskState.RUNNING:
            tasks.move(tx, task.id, {TaskState.RUNNING}, state, at=NOON - timedelta(days=days))

    await database.write(query)
    return task


async def test_only_old_handled_requests_of_nothing_open_go(database: Database) -> None:
    open_task, over = await a_task(database, TaskState.RUNNING, 1), await ended(database, 2)
    old = [await a_request(database, 1), await a_request(database, 2, of=over)]
    await a_request(database, 3, handled=False)
    await a_request(database, 4, of=open_task)
    await a_request(database, 5, days=29)
    assert sorted(await database.read(retention.old_requests, CUTOFF, 10)) == sorted(old)
    assert len(await database.read(retention.old_requests, CUTOFF, 1)) == 1
    await database.write(retention.delete_requests, old)
    assert await database.read(retention.old_requests, CUTOFF, 10) == []


async def test_the_newest_request_stays_however_old_it_is(database: Database) -> None:
    first = await a_request(database, 1, days=50)
    await a_request(database, 2, days=40)
    assert await database.read(retention.old_requests, CUTOFF, 10) == [first]


async def test_texts_go_and_figures_stay(database: Database) -> None:
    old = await ended(database, 1)
    young, going_on = await ended(database, 2, days=3), await ended(database, 3, TaskState.RUNNING)
    assert await database.read(retention.with_texts, CUTOFF, TaskId(0), 10) == [old.id]
    await database.write(retention.forget_texts, [old.id])
    assert await database.read(retention.with_texts, CUTOFF, TaskId(0), 10) == []
    (kept,) = await database.read(work.turns_of, old.id)
    (run,) = await database.read(work.latest_checks, old.id, 1)
    assert (kept.prompt, kept.started_at, run.output, run.duration_s) == ("", NOON, "", 2.5)
    assert await database.read(work.messages_of, old.id) == []
    for task in (young, going_on):
        assert (await database.read(work.turns_of, task.id))[0].prompt
        assert await database.read(work.messages_of, task.id)


async def test_diffs_go_and_what_changed_stays(database: Database) -> None:
    old, young = await ended(database, 1), await ended(database, 2, days=3)
    assert await database.read(retention.with_diffs, CUTOFF, TaskId(0), 10) == [old.id]
    await database.write(retention.delete_diffs, [old.id])
    assert await database.read(retention.with_diffs, CUTOFF, TaskId(0), 10) == []
    assert await database.read(work.diff_of, young.id, 1, "shop/checkout") == "the diff"
    assert [kept.head_sha for kept in (await database.read(pages.history, old.id)).changes] == ["b" * 40]


async def test_tasks_come_in_batches_from_where_the_last_one_ended(database: Database) -> None:
    ids = [(await ended(database, number)).id for number in (1, 2, 3)]
    assert await database.read(retention.with_texts, CUTOFF, TaskId(0), 2) == ids[:2]
    assert await database.read(retention.with_texts, CUTOFF, ids[1], 2) == ids[2:]


@pytest.mark.parametrize(
    ("state", "days", "over"),
    [
        (TaskState.FAILED, 40, True),
        (TaskState.CANCELLED, 40, True),
        (TaskState.DONE, 40, True),
        (TaskState.FAILED, 29, False),
        (TaskState.RUNNING, 40, False),
        (TaskState.AWAITING_APPROVAL, 40, False),
    ],
)
async def test_an_attempt_is_over_when_its_task_ended_long_ago(
    database: Database, state: TaskState, days: float, over: bool
) -> None:
    task = await ended(database, 1, state, days)
    assert await database.read(retention.is_over, task.id, 1, CUTOFF) is over


async def test_an_attempt_is_over_when_a_later_one_began_long_ago(database: Database) -> None:
    task = await ended(database, 1)
    await database.write(tasks.start_next_attempt, task.id, {TaskState.FAILED}, 1, at=later(0), by="U1")
    assert await database.read(retention.is_over, task.id, 1, CUTOFF)
    assert not await database.read(retention.is_over, task.id, 1, LONG_AGO)
    assert not await database.read(retention.is_over, task.id, 2, CUTOFF)


async def test_what_nobody_knows_is_not_over(database: Database) -> None:
    assert not await database.read(retention.is_over, TaskId(99), 1, CUTOFF)
