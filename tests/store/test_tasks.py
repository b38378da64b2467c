"""Tasks: made once, moved once."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from slackbot.core.errors import StoreConflict
from slackbot.core.task import ENDS, MOVES, Lost, Moved, Task, TaskState
from slackbot.store import decisions, tasks
from slackbot.store.database import Database
from tests.store.samples import NOON, THREAD, a_task, create, decision, later, thread

S = TaskState


async def test_the_same_request_makes_one_task(database: Database) -> None:
    first = await database.write(create, "message:1")
    again = await database.write(create, "message:1", text="another text", at=later(5))
    assert again == first


async def test_an_open_task_keeps_its_thread_to_itself(database: Database) -> None:
    await database.write(create, "message:1")
    with pytest.raises(StoreConflict):
        await database.write(create, "message:2")


@pytest.mark.parametrize("end", sorted(ENDS))
async def test_after_the_end_a_thread_takes_a_new_task_that_knows_the_old_one(database: Database, end: S) -> None:
    first = await database.write(create, "message:1", state=S.RUNNING)
    await database.write(tasks.move, first.id, [S.RUNNING], end, at=later(1))
    second = await database.write(create, "message:2")
    assert second.previous == first.id
    assert (await database.read(tasks.latest_in, THREAD)) == second


async def test_a_retry_is_refused_while_its_thread_has_a_newer_open_task(database: Database) -> None:
    first = await database.write(create, "message:1", state=S.FAILED)
    await database.write(create, "message:2")
    with pytest.raises(StoreConflict):
        await database.write(tasks.start_next_attempt, first.id, [S.FAILED], 1, at=later(1), by="U1")


async def test_ids_are_never_given_twice(database: Database) -> None:
    made = [await a_task(database, number=number) for number in range(3)]
    assert len({task.id for task in made}) == 3
    assert await database.read(tasks.find, 4711) is None


async def test_of_many_writers_one_wins_and_the_others_learn_by_whom(database: Database, other: Database) -> None:
    task = await a_task(database, S.AWAITING_APPROVAL)
    people = [f"U{number}" for number in range(12)]

    def approve(place: int) -> asyncio.Future[Moved | Lost]:
        where = (database, other)[place % 2]
        move = where.write(tasks.move, task.id, [S.AWAITING_APPROVAL], S.LANDING, at=later(place), by=people[place])
        return asyncio.ensure_future(move)

    answers = await asyncio.gather(*(approve(place) for place in range(12)))
    winners = [place for place, answer in enumerate(answers) if isinstance(answer, Moved)]
    assert len(winners) == 1
    lost = Lost(state=S.LANDING, by=people[winners[0]], at=later(winners[0]))
    assert [answer for answer in answers if isinstance(answer, Lost)] == [lost] * 11


async def test_of_an_approval_and_a_rework_one_wins(database: Database, other: Database) -> None:
    for number in range(8):
        task = await a_task(database, S.AWAITING_APPROVAL, number=number)
        approve = database.write(tasks.move, task.id, [S.AWAITING_APPROVAL], S.LANDING, at=later(1), by="U1")
        rework = other.write(tasks.start_next_attempt, task.id, [S.AWAITING_APPROVAL], 1, at=later(2), by="U2")
        approved, reworked = await asyncio.gather(approve, rework)
        assert isinstance(approved, Moved) != isinstance(reworked, Moved)
        now = await database.read(tasks.get, task.id)
        assert (now.state, now.attempt) == ((S.LANDING, 1) if isinstance(approved, Moved) else (S.QUEUED, 2))


async def test_concurrent_requests_with_one_key_make_one_task(database: Database, other: Database) -> None:
    both = (database.write(create, "message:1"), other.write(create, "message:1"))
    answers = await asyncio.gather(*both, return_exceptions=True)
    made = {answer.id for answer in answers if isinstance(answer, Task)}
    assert len(made) == 1
    assert all(isinstance(answer, Task | StoreConflict) for answer in answers)
    assert (await database.write(create, "message:1")).id in made


async def test_who_lost_to_the_bot_is_told_of_the_last_decision(database: Database) -> None:
    task = await a_task(database, S.LANDING)
    await database.write(decisions.keep, decision(task.id, by="U2"))
    await database.write(tasks.move, task.id, [S.LANDING], S.DONE, at=later(3))
    answer = await database.write(tasks.move, task.id, [S.LANDING], S.CANCELLED, at=later(4), by="U3")
    assert answer == Lost(state=S.DONE, by="U2", at=later(3))


async def test_a_move_of_an_earlier_attempt_loses(database: Database) -> None:
    task = await a_task(database, S.FAILED)
    await database.write(tasks.start_next_attempt, task.id, [S.FAILED], 1, at=later(1), by="U1")
    late = await database.write(tasks.move, task.id, [S.QUEUED], S.RUNNING, at=later(2), attempt=1)
    assert late == Lost(state=S.QUEUED, by="U1", at=later(1))
    assert isinstance(await database.write(tasks.move, task.id, [S.QUEUED], S.RUNNING, at=later(2), attempt=2), Moved)


@pytest.mark.parametrize("source", S)
async def test_only_the_moves_of_the_diagram_are_made(database: Database, source: S) -> None:
    for number, target in enumerate(S):
        task = await a_task(database, source, number)
        if target not in MOVES[source]:
            with pytest.raises(ValueError, match="no move"):
                await database.write(tasks.move, task.id, [source], target, at=later(1))
            assert (await database.read(tasks.get, task.id)) == task
        else:
            moved = await database.write(tasks.move, task.id, [source], target, at=later(1), by="U1", note="why")
            assert isinstance(moved, Moved)
            assert (moved.task.state, moved.task.state_at, moved.task.note) == (target, later(1), "why")
            assert moved.task.version == task.version + 1


async def test_a_sealed_landing_cannot_be_stopped_until_it_is_unsealed(database: Database) -> None:
    task = await a_task(database, S.LANDING)
    assert await database.write(tasks.seal, task.id, 1)
    assert isinstance(await database.write(tasks.move, task.id, [S.LANDING], S.CANCELLED, at=later(1), by="U1"), Lost)
    await database.write(tasks.unseal, task.id)
    assert isinstance(await database.write(tasks.move, task.id, [S.LANDING], S.CANCELLED, at=later(2), by="U1"), Moved)
    assert not await database.write(tasks.seal, task.id, 1)


async def test_the_place_in_the_queue_counts_those_that_wait_longer(database: Database) -> None:
    second = await database.write(create, "message:2", where=thread(2), at=later(2))
    first = await database.write(create, "message:1", where=thread(1), at=later(1))
    twin = await database.write(create, "message:3", where=thread(3), at=later(2))
    await database.write(create, "message:4", where=thread(4), at=later(0), state=S.RUNNING)
    places = [await database.read(tasks.place_in_queue, task) for task in (first, second, twin)]
    assert places == [1, 2, 3]


async def test_a_rework_goes_to_the_end_of_the_queue(database: Database) -> None:
    reworked = await a_task(database, S.AWAITING_APPROVAL, number=1)
    waiting = await database.write(create, "message:2", where=thread(2), at=later(5))
    moved = await database.write(tasks.start_next_attempt, reworked.id, [S.AWAITING_APPROVAL], 1, at=later(9), by="U1")
    assert isinstance(moved, Moved)
    places = [await database.read(tasks.place_in_queue, task) for task in (waiting, moved.task)]
    assert places == [1, 2]


async def test_open_tasks_come_the_longest_waiting_first(database: Database) -> None:
    late = await database.write(create, "message:1", where=thread(1), at=later(9))
    early = await database.write(create, "message:2", where=thread(2), at=later(1), state=S.RUNNING)
    await database.write(create, "message:3", where=thread(3), at=later(0), state=S.DONE)
    assert await database.read(tasks.in_states, TaskState) == [early, late]
    assert await database.read(tasks.ids_in_states, TaskState) == [early.id, late.id]
    assert await database.read(tasks.ids_in_states, TaskState, early.repos[0]) == [early.id, late.id]
    assert await database.read(tasks.ids_in_states, TaskState, "another/repository") == []


async def test_a_first_card_is_posted_by_one_caller(database: Database) -> None:
    task = await a_task(database)

    async def begin(at: datetime, abandoned_before: datetime, own: bool) -> tasks.CardTurn:
        return await database.write(tasks.begin_card, task.id, at, abandoned_before, own)

    assert await begin(later(0), later(-60), False) is tasks.CardTurn.NOT_OURS
    assert await begin(later(0), later(-60), True) is tasks.CardTurn.POST
    assert await begin(later(30), later(-30), False) is tasks.CardTurn.NOT_OURS
    assert await begin(later(90), later(30), False) is tasks.CardTurn.LOOK_FIRST
    await database.write(tasks.set_card, task.id, "1.2", 1)
    assert await begin(later(200), later(140), True) is tasks.CardTurn.NOT_OURS


async def test_every_visible_write_wants_the_card_painted(database: Database) -> None:
    task = await a_task(database)
    await database.write(tasks.set_card, task.id, "1.2", task.version)
    assert await database.read(tasks.to_paint) == []
    await database.write(tasks.add_steerer, task.id, "U9")
    assert await database.read(tasks.to_paint) == [task.id]
    await database.write(tasks.set_painted, task.id, task.version + 1)
    await database.write(tasks.set_painted, task.id, task.version)
    assert not await database.read(tasks.needs_paint, task.id)


async def test_a_steerer_is_remembered_once(database: Database) -> None:
    task = await a_task(database)
    for user in ("U9", "U8", "U9"):
        await database.write(tasks.add_steerer, task.id, user)
    assert (await database.read(tasks.get, task.id)).steered_by == ("U9", "U8")


async def test_of_people_who_steer_at_once_none_is_forgotten(database: Database, other: Database) -> None:
    task = await a_task(database)
    people = [f"U{number}" for number in range(16)]
    writes = [(database, other)[place % 2].write(tasks.add_steerer, task.id, user) for place, user in enumerate(people)]
    await asyncio.gather(*writes)
    assert sorted((await database.read(tasks.get, task.id)).steered_by) == sorted(people)


async def test_times_come_back_aware_and_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    given = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    task = await database.write(create, "message:1", at=given)
    found = await database.read(tasks.get, task.id)
    assert found.created_at == NOON
    assert found.created_at.utcoffset() == timedelta(0)
