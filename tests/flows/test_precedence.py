"""Acks before work, but not for ever."""

import asyncio

from slackbot.flows.precedence import Precedence


async def test_work_waits_until_the_last_urgent_thing_is_done() -> None:
    precedence, order = Precedence(10), []

    async def work() -> None:
        assert await precedence.turn()
        order.append("work")

    with precedence.urgent():
        with precedence.urgent():
            waiting = asyncio.create_task(work())
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        order.append("urgent")
    await waiting
    assert order == ["urgent", "work"]


async def test_work_goes_on_when_what_is_urgent_never_ends() -> None:
    with (precedence := Precedence(0.01)).urgent():
        assert not await precedence.turn()


async def test_something_urgent_that_fails_holds_nothing_up() -> None:
    precedence = Precedence(10)
    try:
        with precedence.urgent():
            raise LookupError
    except LookupError:
        assert await precedence.turn()
