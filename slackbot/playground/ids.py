"""Owns how local Slack names things: timestamps that never repeat and counted ids; keeps no state of the things."""

from datetime import datetime
from itertools import count

from slackbot.playground.wire import Clock


class Ids:
    """Names for one workspace: the same actions under the same clock give the same names."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_micros = 0
        self._counters: dict[str, count[int]] = {}

    def ts(self) -> str:
        """A Slack timestamp, later than every one before it."""
        self._last_micros = max(_micros(self._clock()), self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def new(self, prefix: str) -> str:
        """An id such as Ev0000001."""
        number = next(self._counters.setdefault(prefix, count(1)))
        return f"{prefix}{number:07d}"


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond
