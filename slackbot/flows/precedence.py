"""What Slack waits for goes before work that nobody waits for yet. Knows neither of the two."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY_S = 0.01


class Precedence:
    """`urgent` surrounds what goes first; `turn` waits for a calm moment, at most `patience_s`.

    A rush (`rush` of them began within `within_s`) is not calm in its gaps either: work that fills each of them would
    meet the next urgent thing with its writes.
    """

    def __init__(
        self, clock: Callable[[], float], *, patience_s: float = 0.2, rush: int = 10, within_s: float = 0.25
    ) -> None:
        self._clock, self._patience_s, self._within_s = clock, patience_s, within_s
        self._under_way = 0
        self._begun: deque[float] = deque([float("-inf")] * rush, maxlen=rush)

    @contextmanager
    def urgent(self) -> Iterator[None]:
        self._under_way += 1
        self._begun.append(self._clock())
        try:
            yield
        finally:
            self._under_way -= 1

    @property
    def calm(self) -> bool:
        """Nothing is under way, and no rush."""
        return not self._under_way and self._clock() - self._begun[0] > self._within_s

    async def turn(self) -> bool:
        """False when patience ended before it was calm: a stream without end must not hold work up for ever."""
        patient_until = self._clock() + self._patience_s
        while not self.calm:
            if self._clock() >= patient_until:
                return False
            await asyncio.sleep(LOOK_EVERY_S)
        return True
