"""Who may call when: bursts, rates, urgency, and Slack's Retry-After for everybody."""

import asyncio

import pytest

from slackbot.chat.pacing import Gate, Pacer, Rate, Timing, Urgency
from tests.fakes.time import ManualTime


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def timing(time: ManualTime) -> Timing:
    return Timing(now=time.now, sleep=time.sleep)


class Queue:
    """Callers of a gate, by name, in the order in which they were let through."""

    def __init__(self, gate: Gate) -> None:
        self.gate, self.passed = gate, list[str]()
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def join(self, *names: str, urgency: Urgency = Urgency.ANSWER) -> None:
        for name in names:
            self.tasks[name] = asyncio.create_task(self._enter(name, urgency))

    async def _enter(self, name: str, urgency: Urgency) -> None:
        await self.gate.enter(urgency)
        self.passed.append(name)


async def test_a_burst_passes_at_once_and_the_rest_at_the_rate(time: ManualTime, timing: Timing) -> None:
    queue = Queue(Gate(Rate(50, 20), timing))
    queue.join(*map(str, range(30)))
    await time.pass_by(0)
    assert len(queue.passed) == 20
    await time.pass_by(1.19)
    assert len(queue.passed) == 20
    await time.pass_by(0.02)
    assert len(queue.passed) == 21
    await time.pass_by(60)
    assert queue.passed == [str(number) for number in range(30)]


async def test_a_minute_of_pressure_stays_in_the_budget(time: ManualTime, timing: Timing) -> None:
    queue = Queue(Gate(Rate(50, 20), timing))
    queue.join(*map(str, range(300)))
    await time.pass_by(60)
    before = len(queue.passed)
    await time.pass_by(60)
    assert len(queue.passed) - before == 50


async def test_the_urgent_goes_before_the_early(time: ManualTime, timing: Timing) -> None:
    queue = Queue(Gate(Rate(60, 1), timing))
    queue.join("first")
    await time.settle()
    queue.join("progress 1", "progress 2", urgency=Urgency.PROGRESS)
    queue.join("answer")
    queue.join("state", urgency=Urgency.STATE)
    await time.pass_by(10)
    assert queue.passed == ["first", "state", "answer", "progress 1", "progress 2"]


async def test_retry_after_holds_everybody_back_and_then_one_at_a_time(time: ManualTime, timing: Timing) -> None:
    gate = Gate(Rate(60, 20), timing)
    queue = Queue(gate)
    gate.close_for(30)
    queue.join("a", "b", "c", urgency=Urgency.STATE)
    await time.pass_by(29.9)
    assert queue.passed == []
    await time.pass_by(0.2)
    assert queue.passed == ["a"]
    await time.pass_by(1)
    assert queue.passed == ["a", "b"]


async def test_who_goes_away_takes_no_turn(time: ManualTime, timing: Timing) -> None:
    queue = Queue(Gate(Rate(60, 1), timing))
    queue.join("first", "second", "third")
    await time.settle()
    queue.tasks["second"].cancel()
    await time.pass_by(1)
    assert queue.passed == ["first", "third"]


async def test_a_hurried_caller_passes_once(time: ManualTime, timing: Timing) -> None:
    gate = Gate(Rate(60, 1), timing)
    queue = Queue(gate)
    queue.join("first", "second")
    await time.settle()
    late = gate.turn(Urgency.PROGRESS)
    gate.hurry(late, Urgency.STATE)
    await time.pass_by(1)
    assert late.done()
    assert queue.passed == ["first"]
    await time.pass_by(1)
    assert queue.passed == ["first", "second"]


async def test_each_channel_has_posts_of_its_own(time: ManualTime, timing: Timing) -> None:
    pacer = Pacer(timing)
    posted: list[str] = []

    async def post(channel: str) -> None:
        await pacer.enter("chat.postMessage", channel, Urgency.ANSWER)
        posted.append(channel)

    tasks = [asyncio.create_task(post(channel)) for channel in ["C1"] * 8 + ["C2"]]
    await time.pass_by(0)
    assert (posted.count("C1"), posted.count("C2")) == (5, 1)
    await time.pass_by(2)
    assert posted.count("C1") == 7
    await time.pass_by(1)
    assert all(task.done() for task in tasks)


async def test_idle_channels_are_forgotten(time: ManualTime, timing: Timing) -> None:
    pacer = Pacer(timing, {"chat.postMessage": Rate(100_000, 2000)})
    for number in range(1000):
        await pacer.enter("chat.postMessage", f"C{number}", Urgency.ANSWER)
        await time.pass_by(1)
    assert len(pacer._channels) <= 502
