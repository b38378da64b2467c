"""A fake AgentRunner: remembers its orders, edits the workspace as scripted, and fails or hangs on request.

    runner = FakeRunner([Play(writes={"a.txt": "hello\n"}, answer="Wrote it."), Play(error=AgentDied("…"))])

Each turn takes the next play; when none is left, the turn answers "Done." and changes nothing.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slackbot.core.agent import AgentEvent, Report, TextSaid, TurnOrder, TurnResult
from slackbot.core.errors import PitcrewError


@dataclass(frozen=True)
class Play:
    """What one turn does. `hang`: after the edits and events, until `FakeRunner.go_on` or the turn is cancelled.

    `writes`: files of the workspace and their new text. `error`: raised at the end, after everything else.
    """

    writes: Mapping[str, str] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()
    events: tuple[AgentEvent, ...] = ()
    answer: str = "Done."
    tokens: int | None = None
    hang: bool = False
    error: PitcrewError | None = None


class FakeRunner:
    """`orders`: every turn that began. `cancelled`: those that were stopped. `names`: how agents are called."""

    def __init__(self, plays: Iterable[Play] = (), names: Mapping[str, str] | None = None) -> None:
        self.plays = deque(plays)
        self.orders: list[TurnOrder] = []
        self.cancelled: list[TurnOrder] = []
        self.hanging = asyncio.Event()
        self._names = dict(names or {})
        self._go_on = asyncio.Event()

    async def run(self, order: TurnOrder, report: Report) -> TurnResult:
        self.orders.append(order)
        play = self.plays.popleft() if self.plays else Play()
        _edit(order.workspace, play)
        for event in play.events:
            report(event)
        if play.hang:
            await self._wait(order)
        if play.error is not None:
            raise play.error
        report(TextSaid(text=play.answer))
        return TurnResult(answer=play.answer, tokens=play.tokens)

    def describe(self, agent: str) -> str:
        return self._names.get(agent, agent)

    def go_on(self) -> None:
        """Let the turn that hangs come to its end."""
        self._go_on.set()

    async def _wait(self, order: TurnOrder) -> None:
        self.hanging.set()
        try:
            await self._go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.append(order)
            raise
        finally:
            self.hanging.clear()
            self._go_on.clear()


def _edit(workspace: Path, play: Play) -> None:
    for name, text in play.writes.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in play.deletes:
        (workspace / name).unlink()
