"""Owns the faults that a test asks for, per method and count; what a fault does is done by web_api/server.py."""

from collections import defaultdict, deque
from typing import Literal

from slackbot.core.model import Frozen

FaultKind = Literal["rate_limited", "server_error", "error", "hang", "lose_reply", "delay"]


class Fault(Frozen):
    kind: FaultKind
    code: str = ""
    status: int = 200
    seconds: float = 0


class Faults:
    """Planned faults: each is used up by one call of its method, in the order in which they were asked for.

    The method "*" meets the next call of any method.
    """

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)
        self._copies: deque[int] = deque()

    def rate_limit(self, method: str, times: int = 1, *, retry_after_s: int = 1) -> None:
        """Answer 429 with Retry-After; the call has no effect."""
        self._plan(method, times, Fault(kind="rate_limited", status=429, seconds=retry_after_s))

    def server_error(self, method: str, times: int = 1, *, status: int = 503) -> None:
        """Answer a 5xx; the call has no effect."""
        self._plan(method, times, Fault(kind="server_error", status=status))

    def error(self, method: str, code: str, times: int = 1) -> None:
        """Answer `{"ok": false, "error": code}`; the call has no effect."""
        self._plan(method, times, Fault(kind="error", code=code))

    def hang(self, method: str, times: int = 1) -> None:
        """Never answer; the call has no effect."""
        self._plan(method, times, Fault(kind="hang"))

    def lose_reply(self, method: str, times: int = 1) -> None:
        """Do what was asked, then break the connection instead of answering."""
        self._plan(method, times, Fault(kind="lose_reply"))

    def delay(self, method: str, seconds: float, times: int = 1) -> None:
        """Do what was asked and answer, later."""
        self._plan(method, times, Fault(kind="delay", seconds=seconds))

    def duplicate_deliveries(self, times: int = 1, *, copies: int = 2) -> None:
        """Send each of the next `times` payloads `copies` times at once, each in an envelope of its own."""
        self._copies.extend([copies] * times)

    def clear(self) -> None:
        self._planned.clear()
        self._copies.clear()

    def pending(self, method: str) -> int:
        """How many faults of the method have not happened yet."""
        return len(self._planned[method])

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets, used up."""
        for name in (method, "*"):
            if self._planned[name]:
                return self._planned[name].popleft()
        return None

    def take_copies(self) -> int:
        return self._copies.popleft() if self._copies else 1

    def _plan(self, method: str, times: int, fault: Fault) -> None:
        self._planned[method].extend([fault] * times)
