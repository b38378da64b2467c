"""Time that passes only when a test says so."""

import asyncio
from heapq import heappop, heappush
from itertools import count


class ManualTime:
    """`now` and `sleep` for `slackbot.chat.pacing.Timing`; `pass_by` lets time go by, waking sleepers in order."""

    def __init__(self) -> None:
        self._now = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (self._now + seconds, next(self._order), sleeper))
        await sleeper

    async def pass_by(self, seconds: float) -> None:
        end = self._now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end + 1e-9:
            at, _, sleeper = heappop(self._sleepers)
            self._now = max(self._now, at)
            if not sleeper.done():
                sleeper.set_result(None)
            await self.settle()
        self._now = end

    async def settle(self) -> None:
        """Let everything that can go on without time go on."""
        for _ in range(20):
            await asyncio.sleep(0)


class HastyTime:
    """Sleeping costs nothing: the clock jumps. `slept` remembers how long."""

    def __init__(self) -> None:
        self._now = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)
