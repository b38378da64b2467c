"""Acks before work, but not for ever."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from slackbot.flows.precedence import Precedence


@dataclass
class Watch:
    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


async def test_work_waits_until_the_last_urgent_thing_is_done() -> None:
    precedence, order = Precedence(Watch()), []

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
    watch = Watch()
    precedence = Precedence(watch, patience_s=5)
    with precedence.urgent():
        waiting = asyncio.create_task(precedence.turn())
        await asyncio.sleep(0)
        assert not waiting.done()
        watch.now_s += 5
        assert not await waiting


def test_gaps_in_a_rush_are_not_calm() -> None:
    watch = Watch()
    precedence = Precedence(watch, rush=3, within_s=1)
    seen = []
    for _ in range(3):
        with precedence.urgent():
            watch.now_s += 0.1
        seen.append(precedence.calm)
    watch.now_s += 1
    assert [*seen, precedence.calm] == [True, True, False, True]


async def test_something_urgent_that_fails_holds_nothing_up() -> None:
    precedence = Precedence(Watch())
    with suppress(LookupError), precedence.urgent():
        raise LookupError
    assert await precedence.turn()
