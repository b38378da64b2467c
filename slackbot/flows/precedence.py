"""What Slack waits for goes before work that nobody waits for yet. Knows neither of the two."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Precedence:
    """`urgent` surrounds what goes first, `turn` waits until none of it is under way, at most `patience_s`."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._urgent = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def urgent(self) -> Iterator[None]:
        self._urgent += 1
        self._none.clear()
        try:
            yield
        finally:
            self._urgent -= 1
            if not self._urgent:
                self._none.set()

    async def turn(self) -> bool:
        """Whether it is quiet; False when patience ended first, since a stream without end must not hold work up."""
        try:
            await asyncio.wait_for(self._none.wait(), self._patience_s)
        except TimeoutError:
            return False
        return True
