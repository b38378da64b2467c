"""Owns every payload on its way to the app: attempts, acks, retries, copies; a transport carries them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from slackbot.core.model import Frozen
from slackbot.playground.faults import Faults
from slackbot.playground.model import Change
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace

Kind = Literal["events_api", "interactive"]
# Slack retries an event that is not acked after 3 s, then after a minute and after five. It never retries a click.
SLACK_RETRIES_S = (3.0, 60.0, 300.0)


class Ack(Frozen):
    """One envelope that was sent. `key`: the payload's, the same in all its envelopes: the event_id, or
    `click:CHANNEL:TS:ACTION:ACTION_TS`, or `view:ID`. `about`: the ts of the message, or the view's id.
    `took_s`: real time between sending and ack, None while not acked. `retry`: 0 for the first envelope.
    """

    key: str
    kind: Kind
    event: str
    about: str
    envelope_id: str
    retry: int
    sent_at: datetime
    acked_at: datetime | None = None
    took_s: float | None = None


@dataclass
class Delivery:
    """One payload and all its envelopes. `answer`: what the app sent along with its ack."""

    key: str
    kind: Kind
    payload: Json
    about: str
    envelopes: dict[str, Ack] = field(default_factory=dict)
    sent_s: dict[str, float] = field(default_factory=dict)
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Json = field(default_factory=dict)
    withdrawn: bool = False
    retry_reason: str = "timeout"

    @property
    def event(self) -> str:
        return str(self.payload["event"]["type"] if self.kind == "events_api" else self.payload["type"])


class Transport(Protocol):
    """Carries an envelope to the app and calls `Deliveries.ack` when the app acks it."""

    async def send(self, delivery: Delivery, envelope_id: str) -> None:
        """Returns once it is on its way, waiting while nobody is there to take it; never waits for the ack."""


class Deliveries:
    """`retries_s`: seconds without an ack after which an event is sent again; () switches that off."""

    def __init__(self, workspace: Workspace, transport: Transport, faults: Faults) -> None:
        self._workspace = workspace
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self.transport = transport
        self.retries_s: tuple[float, ...] = SLACK_RETRIES_S
        self.all: list[Delivery] = []
        self._by_envelope: dict[str, Delivery] = {}
        self._on_ack: list[Callable[[Delivery], None]] = []

    def dispatch(self, key: str, kind: Kind, payload: Json, about: str) -> Delivery:
        """Send a payload without waiting for anything."""
        delivery = Delivery(key=key, kind=kind, payload=payload, about=about)
        self.all.append(delivery)
        for _ in range(self._faults.take_copies()):
            self._spawn(self._send_until_acked(delivery))
        return delivery

    def redeliver(self, key: str | None = None) -> int:
        """Send again: the payload of `key`, acked or not, or else everything that was not acked; how many.

        Same payload and event_id, new envelope_id, as Slack does it.
        """
        chosen = [
            delivery
            for delivery in self.all
            if (delivery.key == key if key else not delivery.acked.is_set()) and not delivery.withdrawn
        ]
        for delivery in chosen:
            self._spawn(self._send(delivery))
        return len(chosen)

    def ack(self, envelope_id: str, answer: Json) -> None:
        """The app acked an envelope; an unknown or repeated ack changes nothing."""
        delivery = self._by_envelope.get(envelope_id)
        if delivery is None or delivery.envelopes[envelope_id].acked_at:
            return
        took_s = asyncio.get_running_loop().time() - delivery.sent_s[envelope_id]
        marks = {"acked_at": self._workspace.clock(), "took_s": took_s}
        delivery.envelopes[envelope_id] = delivery.envelopes[envelope_id].model_copy(update=marks)
        delivery.answer = delivery.answer or answer
        delivery.acked.set()
        self._workspace.announce(Change(kind="wire", facts={"acked": delivery.key}))

    def acks(self) -> list[Ack]:
        """Every envelope that was sent, in order of its payload."""
        return [envelope for delivery in self.all for envelope in delivery.envelopes.values()]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send_until_acked(self, delivery: Delivery) -> None:
        await self._send(delivery)
        for wait_s in self.retries_s if delivery.kind == "events_api" else ():
            try:
                await asyncio.wait_for(delivery.acked.wait(), wait_s)
            except TimeoutError:
                await self._send(delivery)
            else:
                return

    async def _send(self, delivery: Delivery) -> None:
        envelope_id = self._workspace.ids.new("envelope-")
        self._by_envelope[envelope_id] = delivery
        await self.transport.send(delivery, envelope_id)

    def note_sent(self, delivery: Delivery, envelope_id: str) -> int:
        """A transport is about to send; called before the first byte, so that no ack can come earlier.

        How many envelopes with this payload went before it.
        """
        before = list(delivery.envelopes)
        retry = before.index(envelope_id) if envelope_id in before else len(before)
        delivery.sent_s[envelope_id] = asyncio.get_running_loop().time()
        delivery.envelopes[envelope_id] = Ack(
            key=delivery.key,
            kind=delivery.kind,
            event=delivery.event,
            about=delivery.about,
            envelope_id=envelope_id,
            retry=retry,
            sent_at=self._workspace.clock(),
        )
        return retry

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
