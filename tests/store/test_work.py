"""What attempts leave behind."""

import asyncio

import pytest

from slackbot.core.task import DecisionKind, PullRequest, TaskState
from slackbot.store import decisions, tasks, work
from slackbot.store.database import Database
from tests.store.samples import NOON, a_task, change, check, decision, later, said, turn

HOSTILE = "a\x00b \ud800 \U0001f980 <script> ' -- \u202e"
KEPT = "a\ufffdb \ufffd \U0001f980 <script> ' -- \u202e"


async def test_a_turn_that_asks_again_gets_the_same_messages(database: Database) -> None:
    task = await a_task(database)
    await database.write(work.add_message, "m2", task.id, said("2.0", "second"), instruction=True)
    await database.write(work.add_message, "m1", task.id, said("1.0", "first"), instruction=False)
    first = await database.write(work.give_messages, task.id, "1:1")
    assert [(heard.message.text, heard.instruction) for heard in first] == [("first", False), ("second", True)]
    assert await database.write(work.give_messages, task.id, "1:1") == first
    assert await database.write(work.give_messages, task.id, "1:2") == []


async def test_a_repeated_turn_also_gets_what_came_since(database: Database) -> None:
    task = await a_task(database)
    await database.write(work.add_message, "m1", task.id, said("1.0"), instruction=True)
    await database.write(work.give_messages, task.id, "1:1")
    await database.write(work.add_message, "m2", task.id, said("2.0"), instruction=True)
    assert len(await database.write(work.give_messages, task.id, "1:1")) == 2


async def test_two_turns_never_share_a_message(database: Database, other: Database) -> None:
    task = await a_task(database)
    for number in range(20):
        await database.write(work.add_message, f"m{number}", task.id, said(f"{number}.0"), instruction=True)
    both = await asyncio.gather(
        database.write(work.give_messages, task.id, "1:1"), other.write(work.give_messages, task.id, "1:2")
    )
    assert sorted(len(given) for given in both) == [0, 20]


async def test_a_message_is_kept_once_and_only_an_instruction_waits_for_a_turn(database: Database) -> None:
    task = await a_task(database)
    assert await database.write(work.add_message, "m1", task.id, said("1.0"), instruction=False)
    assert not await database.write(work.add_message, "m1", task.id, said("1.0"), instruction=True)
    assert not await database.read(work.has_instructions, task.id)
    await database.write(work.add_message, "m2", task.id, said("2.0"), instruction=True)
    assert await database.read(work.has_instructions, task.id)
    await database.write(work.give_messages, task.id, "1:1")
    assert not await database.read(work.has_instructions, task.id)
    assert len(await database.read(work.messages_of, task.id)) == 2


async def test_an_interrupted_turn_is_begun_again_under_its_number(database: Database) -> None:
    task = await a_task(database)
    await database.write(work.begin_turn, turn(task.id, 1, "once"))
    assert await database.read(work.is_begun, task.id, 1, 1)
    assert await database.read(work.next_turn_number, task.id, 1) == 1
    await database.write(work.begin_turn, turn(task.id, 1, "twice"))
    await database.write(work.end_turn, task.id, 1, 1, at=later(3), outcome="completed", answer="done", tokens=7)
    (kept,) = await database.read(work.turns_of, task.id)
    assert (kept.prompt, kept.answer, kept.tokens, kept.ended_at) == ("twice", "done", 7, later(3))
    assert await database.read(work.next_turn_number, task.id, 1) == 2
    assert await database.read(work.last_answer, task.id, 1) == "done"


async def test_the_latest_run_of_each_check_counts(database: Database) -> None:
    task = await a_task(database)
    for run in (check(task.id, name="setup"), check(task.id, "1 failed", ok=False), check(task.id, "4 passed")):
        await database.write(work.keep_check, run, "shop/checkout")
    latest = await database.read(work.latest_checks, task.id, 1)
    assert [(run.name, run.ok, run.output) for run in latest] == [
        ("setup", True, "4 passed"),
        ("check", True, "4 passed"),
    ]


async def test_a_change_is_replaced_with_its_diff_and_keeps_its_pull_request(database: Database) -> None:
    task = await a_task(database)
    await database.write(work.put_change, change(task.id), "old diff")
    newer = change(task.id, head_sha="c" * 40)
    await database.write(work.put_change, newer, "new diff")
    pull_request = PullRequest(id="1", url=None, branch=newer.branch, head_sha=newer.head_sha)
    await database.write(work.set_pull_request, newer, pull_request)
    await database.write(work.set_landed, newer, "e" * 40)
    (kept,) = await database.read(work.changes_of, task.id, 1)
    assert kept == newer.model_copy(update={"pull_request": pull_request, "landed_sha": "e" * 40})
    assert await database.read(work.diff_of, task.id, 1, "shop/checkout") == "new diff"
    await database.write(work.drop_change, task.id, 1, "shop/checkout")
    assert await database.read(work.changes_of, task.id, 1) == []
    assert await database.read(work.diff_of, task.id, 1, "shop/checkout") is None


async def test_a_decision_counts_once(database: Database) -> None:
    task = await a_task(database)
    assert await database.write(decisions.keep, decision(task.id), change(task.id))
    assert not await database.write(decisions.keep, decision(task.id, by="U3", kind=DecisionKind.STOP))
    assert await database.read(decisions.exists, "click:1")
    assert await database.read(decisions.of_task, task.id) == [decision(task.id)]


async def test_an_attempt_ends_with_what_was_said_of_it(database: Database) -> None:
    task = await a_task(database)
    await database.write(tasks.begin_attempt, task.id, 1, NOON)
    await database.write(tasks.begin_attempt, task.id, 1, later(9))
    await database.write(tasks.end_attempt, task.id, 1, later(20), "too slow", "U2")
    (attempt,) = await database.read(work.attempts_of, task.id)
    assert (attempt.started_at, attempt.ended_at) == (NOON, later(20))
    assert (attempt.feedback, attempt.feedback_by) == ("too slow", "U2")


async def test_text_that_no_database_takes_is_kept_with_its_bad_characters_replaced(database: Database) -> None:
    task = await a_task(database, TaskState.RUNNING)
    await database.write(work.begin_turn, turn(task.id, prompt=HOSTILE))
    await database.write(work.end_turn, task.id, 1, 1, at=later(1), outcome="completed", answer=HOSTILE)
    await database.write(work.keep_check, check(task.id, HOSTILE), "shop/checkout")
    await database.write(work.put_change, change(task.id), HOSTILE)
    await database.write(work.add_message, "m1", task.id, said("1.0", HOSTILE), instruction=True)
    (kept,) = await database.read(work.turns_of, task.id)
    (run,) = await database.read(work.latest_checks, task.id, 1)
    (heard,) = await database.read(work.messages_of, task.id)
    diff = await database.read(work.diff_of, task.id, 1, "shop/checkout")
    assert [kept.prompt, kept.answer, run.output, heard.message.text, diff] == [KEPT] * 5


@pytest.mark.parametrize("size", [1_000_000])
async def test_a_diff_of_a_megabyte_comes_back_whole(database: Database, size: int) -> None:
    task = await a_task(database)
    await database.write(work.put_change, change(task.id), "ü" * (size // 2))
    assert await database.read(work.diff_of, task.id, 1, "shop/checkout") == "ü" * (size // 2)
