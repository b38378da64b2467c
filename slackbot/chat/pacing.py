"""Keeps us under Slack's limits: one budget for each method and one for each channel that we post to.

Who waits is let through by urgency, then by arrival. Knows nothing of what a call says or whether it went well.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count

CHANNELS_REMEMBERED = 500


class Urgency(IntEnum):
    """Lower goes first."""

    STATE = 0  # a task moved, or a card appears
    ANSWER = 1  # everything else that somebody waits for
    PROGRESS = 2  # what an agent does now: the next one replaces it


@dataclass(frozen=True)
class Rate:
    """`burst` calls at once, then `per_minute`."""

    per_minute: float
    burst: int


def rate(per_minute: float) -> Rate:
    """A rate whose burst is two fifths of a minute's calls, as Slack tolerates it."""
    return Rate(per_minute, max(1, int(per_minute * 2 / 5)))


@dataclass(frozen=True)
class Timing:
    """What time it is for pacing and back-off, and how one waits; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(order=True)
class _Place:
    urgency: Urgency
    arrived: int
    turn: asyncio.Future[None] = field(compare=False)


class Gate:
    """Lets callers through at a rate, the most urgent first."""

    def __init__(self, rate: Rate, timing: Timing) -> None:
        self._rate, self._timing = rate, timing
        self._tokens, self._counted_at = float(rate.burst), timing.now()
        self._closed_until = self._counted_at
        self._queue: list[_Place] = []
        self._arrivals = count()
        self._pump: asyncio.Task[None] | None = None

    async def enter(self, urgency: Urgency) -> None:
        """Wait for a turn."""
        await self.turn(urgency)

    def turn(self, urgency: Urgency) -> asyncio.Future[None]:
        """A place in the queue; the future is done when the caller may go. Cancelling it gives the place up."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.hurry(turn, urgency)
        return turn

    def hurry(self, turn: asyncio.Future[None], urgency: Urgency) -> None:
        """Give a waiting caller a place by this urgency too; the better one counts."""
        heappush(self._queue, _Place(urgency, next(self._arrivals), turn))
        self._let_through()
        if self._queue and (self._pump is None or self._pump.done()):
            self._pump = asyncio.create_task(self._keep_going())

    def close_for(self, seconds: float) -> None:
        """Nobody passes for so long (Slack's Retry-After); afterwards one at a time, not a burst."""
        self._closed_until = max(self._closed_until, self._timing.now() + seconds)
        self._tokens, self._counted_at = 1.0, self._closed_until

    def give_back(self) -> None:
        """A turn was not used."""
        self._tokens += 1
        self._let_through()

    @property
    def idle(self) -> bool:
        """Nobody waits and the burst is full: as good as a new one."""
        return not self._queue and self._count() >= self._rate.burst

    async def _keep_going(self) -> None:
        while self._queue:
            await self._timing.sleep(self._wait_s())
            self._let_through()

    def _let_through(self) -> None:
        while self._queue and self._wait_s() <= 0:
            turn = heappop(self._queue).turn
            if not turn.done():  # else its caller went away, or had a better place
                self._tokens -= 1
                turn.set_result(None)

    def _wait_s(self) -> float:
        """Until the next caller may pass; rounding errors count as nothing."""
        now = self._timing.now()
        missing = max(0.0, self._needed() - self._count()) * 60 / self._rate.per_minute
        return max(missing if missing > 1e-6 else 0.0, self._closed_until - now)

    def _needed(self) -> float:
        """Progress leaves half of the burst to what people wait for."""
        progress = bool(self._queue) and self._queue[0].urgency is Urgency.PROGRESS
        return 1 + (self._rate.burst // 2 if progress else 0)

    def _count(self) -> float:
        now = self._timing.now()
        if now > self._counted_at:
            grown = self._tokens + (now - self._counted_at) * self._rate.per_minute / 60
            self._tokens, self._counted_at = min(float(self._rate.burst), grown), now
        return self._tokens


SLACK_RATES = {
    "chat.update": Rate(50, 20),
    "chat.postMessage": Rate(240, 20),
    "chat.postEphemeral": Rate(100, 20),
    "chat.getPermalink": Rate(100, 20),
    "conversations.replies": Rate(50, 20),
    "conversations.history": Rate(50, 20),
    "users.info": Rate(100, 20),
    "usergroups.users.list": Rate(20, 10),
    "views.open": Rate(100, 20),
    "auth.test": Rate(50, 10),
}
POSTS_PER_CHANNEL = Rate(60, 5)
POSTING = frozenset({"chat.postMessage"})


class Pacer:
    """The budgets of one bot token; everything that calls Slack shares one Pacer."""

    def __init__(self, timing: Timing, rates: dict[str, Rate] | None = None, posts: Rate = POSTS_PER_CHANNEL) -> None:
        self._timing, self._posts = timing, posts
        self._methods = {method: Gate(rate, timing) for method, rate in (SLACK_RATES | (rates or {})).items()}
        self._channels: dict[str, Gate] = {}

    async def enter(self, method: str, channel: str | None, urgency: Urgency) -> None:
        """Wait until this call may go out."""
        if channel and method in POSTING:
            await self._channel(channel).enter(urgency)
        await self.gate(method).enter(urgency)

    def gate(self, method: str) -> Gate:
        return self._methods[method]

    def _channel(self, channel: str) -> Gate:
        if len(self._channels) > CHANNELS_REMEMBERED:
            self._channels = {name: gate for name, gate in self._channels.items() if not gate.idle}
        return self._channels.setdefault(channel, Gate(self._posts, self._timing))
