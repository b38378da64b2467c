"""The inbox: what Slack tells twice is kept once."""

import asyncio

import pytest

from slackbot.core.request import MessageRequest, Request
from slackbot.core.task import Thread
from slackbot.store import inbox
from slackbot.store.database import Database
from tests.store.samples import NOON, a_task, click, feedback, later, message, thread


@pytest.mark.parametrize("request_", [message(), message(edited_ts="9.9"), click(), feedback()], ids=lambda r: r.key)
async def test_the_same_key_is_kept_once_and_reads_back_as_it_was(database: Database, request_: Request) -> None:
    assert await database.write(inbox.keep, request_, NOON)
    assert not await database.write(inbox.keep, request_, later(1))
    assert await database.read(inbox.get, request_.key) == request_


async def test_two_gateways_that_hear_the_same_keep_it_once(database: Database, other: Database) -> None:
    heard = [(database, other)[place % 2].write(inbox.keep, message(), NOON) for place in range(10)]
    assert sorted(await asyncio.gather(*heard)) == [False] * 9 + [True]


async def test_an_edit_is_another_request(database: Database) -> None:
    assert await database.write(inbox.keep, message(), NOON)
    assert await database.write(inbox.keep, message(edited_ts="1700000009.000000"), NOON)


async def test_what_is_not_handled_comes_back_in_the_order_it_came_in(database: Database) -> None:
    for request, at in ((click(), later(2)), (message(), later(1)), (feedback(), later(3))):
        await database.write(inbox.keep, request, at)
    await database.write(inbox.mark_handled, feedback().key, later(4))
    assert await database.read(inbox.unhandled) == [message().key, click().key]


def _reply(where: Thread, **facts: bool) -> MessageRequest:
    return MessageRequest(thread=where, ts="1700000005.000000", author="U1", text="hm", **facts)


async def test_a_reply_concerns_us_in_threads_that_we_know(database: Database) -> None:
    await a_task(database, number=1)
    asked = message().model_copy(update={"thread": thread(2)})
    await database.write(inbox.keep, asked, NOON)
    table = {
        "in a task's thread": (_reply(thread(1), in_thread=True), True),
        "in a thread of the inbox": (_reply(thread(2), in_thread=True), True),
        "in a foreign thread": (_reply(thread(3), in_thread=True), False),
        "at the top level": (_reply(thread(3)), False),
        "with our name": (_reply(thread(3), names_bot=True), True),
        "to us alone": (_reply(thread(3), direct=True), True),
    }
    for case, (request, expected) in table.items():
        assert await database.read(inbox.concerns_us, request) is expected, case


async def test_a_lone_surrogate_in_a_message_survives(database: Database) -> None:
    hostile = message(text="half an emoji \ud83e and a \x00")
    await database.write(inbox.keep, hostile, NOON)
    assert await database.read(inbox.get, hostile.key) == hostile


async def test_a_refused_write_leaves_nothing(database: Database) -> None:
    def keep_and_fail(tx: object) -> None:
        inbox.keep(tx, message(), NOON)  # type: ignore[arg-type]
        raise RuntimeError("after the write")

    with pytest.raises(RuntimeError):
        await database.write(keep_and_fail)
    assert await database.read(inbox.get, message().key) is None
