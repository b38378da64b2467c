"""A card's edits: the last write wins, in order, one at a time, state before progress."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from slackbot.chat.calls import Calls
from slackbot.chat.cards import Drawn
from slackbot.chat.edits import Edits
from slackbot.chat.pacing import Pacer, Rate, Timing, Urgency
from slackbot.chat.wire import Answer, Outage, RateLimited
from slackbot.core.errors import CardGone, ChatError
from slackbot.core.task import MessageRef
from tests.fakes.time import ManualTime

CARD, OTHER = MessageRef(channel="C1", ts="1.1"), MessageRef(channel="C1", ts="1.2")
STATE, PROGRESS = Urgency.STATE, Urgency.PROGRESS


class HeldWire:
    """Slack's side of chat.update: remembers what is shown, may hold its answers back or fail."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.failures: list[ChatError] = []
        self.open = asyncio.Event()
        self.open.set()

    async def call(self, method: str, arguments: Answer) -> Answer:
        self.shown.append((arguments["ts"], arguments["text"]))
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        return {"ok": True}


class Desk:
    def __init__(self, rate: Rate) -> None:
        self.time, self.wire = ManualTime(), HeldWire()
        timing = Timing(now=self.time.now, sleep=self.time.sleep)
        pacer = Pacer(timing, {"chat.update": rate})
        self.edits = Edits(Calls(self.wire, pacer, timing))  # type: ignore[arg-type]

    def write(self, text: str, urgency: Urgency = PROGRESS, ref: MessageRef = CARD) -> asyncio.Task[None]:
        return _started(self.edits.write(ref, Drawn([], text), urgency))

    def texts(self) -> list[str]:
        return [text for _, text in self.wire.shown]


def _started(coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(coroutine)


@pytest.fixture
async def desk() -> Desk:
    return Desk(Rate(60, 1))


async def test_a_waiting_edit_is_replaced_and_both_callers_return(desk: Desk) -> None:
    await desk.write("first")
    old, new = desk.write("old"), desk.write("new")
    await desk.time.pass_by(1)
    await asyncio.gather(old, new)
    assert desk.texts() == ["first", "new"]


async def test_a_newer_edit_never_passes_one_on_its_way(desk: Desk) -> None:
    desk.wire.open.clear()
    first = desk.write("first")
    await desk.time.settle()
    second = desk.write("second", STATE)
    await desk.time.pass_by(5)
    assert desk.texts() == ["first"]
    desk.wire.open.set()
    await desk.time.pass_by(1)
    await asyncio.gather(first, second)
    assert desk.texts() == ["first", "second"]


async def test_who_waited_for_an_edit_on_its_way_returns_when_that_is_shown(desk: Desk) -> None:
    desk.wire.open.clear()
    first = desk.write("first", STATE)
    await desk.time.settle()
    second = desk.write("second")
    await desk.time.settle()
    desk.wire.open.set()
    await desk.time.settle()
    assert (first.done(), second.done()) == (True, False)
    await desk.time.pass_by(1)
    await second


async def test_state_goes_before_other_cards_progress(desk: Desk) -> None:
    await desk.write("first")
    refs = [MessageRef(channel="C1", ts=f"2.{number}") for number in range(3)]
    for ref in refs:
        desk.write("progress", ref=ref)
    await desk.time.settle()
    state = desk.write("state", STATE, OTHER)
    await desk.time.pass_by(1)
    await state
    assert desk.texts() == ["first", "state"]


async def test_progress_after_a_state_is_progress_again(desk: Desk) -> None:
    await desk.write("landing", STATE)
    desk.write("landing, step 2")
    await desk.time.settle()
    state = desk.write("state", STATE, OTHER)
    await desk.time.pass_by(1)
    await state
    assert desk.texts() == ["landing", "state"]


async def test_progress_that_follows_a_state_on_its_way_waits_as_progress(desk: Desk) -> None:
    desk.wire.open.clear()
    desk.write("landing", STATE)
    await desk.time.settle()
    desk.write("landing, step 2")
    await desk.time.settle()
    desk.wire.open.set()
    await desk.time.settle()
    other = desk.write("state", STATE, OTHER)
    await desk.time.pass_by(1)
    await other
    assert desk.texts() == ["landing", "state"]


async def test_a_state_that_must_be_repeated_is_still_a_state(desk: Desk) -> None:
    desk.wire.failures = [Outage("chat.update", "http_503")]
    state = desk.write("state", STATE)
    await desk.time.settle()
    desk.write("progress", ref=OTHER)
    await desk.time.pass_by(1)
    await state
    assert desk.texts() == ["state", "state"]


async def test_progress_that_becomes_state_moves_up(desk: Desk) -> None:
    await desk.write("first")
    desk.write("other card", ref=OTHER)
    await desk.time.settle()
    desk.write("working")
    await desk.time.settle()
    done = desk.write("landed", STATE)
    await desk.time.pass_by(1)
    await done
    assert desk.texts() == ["first", "landed"]


async def test_a_429_is_waited_for_and_the_newest_is_sent(desk: Desk) -> None:
    desk.wire.failures = [RateLimited("chat.update", 30)]
    first = desk.write("first", STATE)
    await desk.time.settle()
    second = desk.write("second")
    await desk.time.pass_by(29)
    assert desk.texts() == ["first"]
    await desk.time.pass_by(2)
    await asyncio.gather(first, second)
    assert desk.texts() == ["first", "second"]


async def test_state_is_waited_for_however_long(desk: Desk) -> None:
    desk.wire.failures = [RateLimited("chat.update", 300)] * 5
    state = desk.write("state", STATE)
    await desk.time.pass_by(1499)
    assert not state.done()
    await desk.time.pass_by(2)
    await state


async def test_stale_progress_is_dropped(desk: Desk) -> None:
    desk.wire.failures = [RateLimited("chat.update", 300)]
    progress = desk.write("progress")
    await desk.time.pass_by(301)
    await progress
    assert desk.texts() == ["progress"]


async def test_an_edit_without_an_answer_is_repeated(desk: Desk) -> None:
    desk.wire.failures = [Outage("chat.update", "http_503")] * 2
    edit = desk.write("text", STATE)
    await desk.time.pass_by(10)
    await edit
    assert desk.texts() == ["text"] * 3


async def test_an_edit_that_never_gets_an_answer_fails_as_retryable(desk: Desk) -> None:
    desk.wire.failures = [Outage("chat.update", "http_503")] * 5
    edit = desk.write("text", STATE)
    await desk.time.pass_by(60)
    with pytest.raises(ChatError) as caught:
        await edit
    assert caught.value.retryable
    assert len(desk.texts()) == 5


async def test_a_deleted_card_is_told_to_everybody_who_waits_and_later_ones_try_again(desk: Desk) -> None:
    desk.wire.failures = [CardGone("Slack", "chat.update", "message_not_found")]
    old, new = desk.write("old"), desk.write("new", STATE)
    await desk.time.settle()
    for edit in (old, new):
        with pytest.raises(CardGone):
            await edit
    await asyncio.gather(desk.write("again"), desk.time.pass_by(1))
    assert desk.texts() == ["new", "again"]


async def test_a_caller_that_is_cancelled_leaves_the_others_alone(desk: Desk) -> None:
    await desk.write("first")
    old = desk.write("old")
    await desk.time.settle()
    old.cancel()
    new = desk.write("new")
    await desk.time.pass_by(1)
    await new
    assert desk.texts() == ["first", "new"]
    assert desk.edits._edits == {}


async def test_a_hundred_cards_under_pressure_keep_the_budget_and_show_the_newest() -> None:
    desk = Desk(Rate(50, 20))
    refs = [MessageRef(channel="C1", ts=f"3.{number}") for number in range(100)]
    for second in range(60):
        for ref in refs:
            desk.write(f"at {second}", ref=ref)
        await desk.time.pass_by(1)
    assert len(desk.wire.shown) <= 70
    await desk.time.pass_by(240)
    last = dict(desk.wire.shown)
    assert set(last) == {ref.ts for ref in refs}
