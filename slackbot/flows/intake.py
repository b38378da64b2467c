"""What Slack told us becomes one row, then one flow. Owns the way in; the meaning is next door.

`receive` runs before the ack: one commit, nothing else. The flow of a row is started after it, at a bounded pace,
in the order of arrival within a thread.
"""

import asyncio
import time

import structlog

from slackbot.core.errors import StoreUnavailable
from slackbot.core.request import ClickRequest, FeedbackRequest, MessageRequest, Request
from slackbot.flows import clicks, mention
from slackbot.flows.engine import durable, step
from slackbot.flows.house import House, house
from slackbot.flows.precedence import Precedence
from slackbot.flows.telling import apologise
from slackbot.store import inbox

log = structlog.get_logger()
FLOWS_AT_ONCE = 16
LOOK_AGAIN_S = 30.0
START_OVER_S = 5.0


@durable
async def intake(key: str) -> None:
    """Everything that one row of the inbox asks for. Whatever goes wrong, who asked is told, and the log has it all."""
    request = await read(key)
    if request is not None:
        try:
            await _handle(request)
        except Exception as error:
            log.exception("request_failed", key=key)
            await apologise(request, error)
    await mark_handled(key)


@step
async def read(key: str) -> Request | None:
    """The request of a row; None when retention took it."""
    return await house().db.read(inbox.get, key)


@step
async def mark_handled(key: str) -> None:
    """The row has done its work."""
    await house().db.write(inbox.mark_handled, key, house().clock())


async def _handle(request: Request) -> None:
    match request:
        case MessageRequest():
            await mention.heard(request)
        case ClickRequest():
            await clicks.clicked(request)
        case FeedbackRequest():
            await clicks.fed_back(request)


class Intake:
    """The door of the house: `receive` for the handlers, `run` for the roof."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._going_on: set[str] = set()
        self._pace = asyncio.Semaphore(FLOWS_AT_ONCE)
        self._precedence = Precedence(time.monotonic)
        self._work: set[asyncio.Task[None]] = set()
        house.receive = self.receive

    async def receive(self, request: Request) -> bool:
        """Commit one row; False when it is known already or does not concern us. Raises StoreUnavailable: no ack then.

        Safe to repeat: the same key again changes nothing.
        """
        if isinstance(request, MessageRequest) and not await self._concerns_us(request):
            return False
        with self._precedence.urgent():
            kept = await self._house.db.write(inbox.keep, request, self._house.clock())
        if not kept:
            log.info("duplicate_ignored", key=request.key)
            return False
        log.info("request_kept", key=request.key, kind=request.kind)
        self._waiting.put_nowait(request.key)
        return True

    async def _concerns_us(self, message: MessageRequest) -> bool:
        if message.names_bot or message.direct:
            return True
        return message.in_thread and await self._house.db.read(inbox.knows_thread, message.thread)

    async def run(self) -> None:
        """Start the flow of every row, first those that an earlier run of the bot left behind."""
        sweeper = asyncio.create_task(self._look_again())
        try:
            while True:
                key = await self._waiting.get()
                if key not in self._going_on:
                    self._going_on.add(key)
                    await self._pace.acquire()
                    await self._precedence.turn()
                    self._spawn(key)
        finally:
            sweeper.cancel()

    def _spawn(self, key: str) -> None:
        running = asyncio.create_task(self._follow(key))
        self._work.add(running)
        running.add_done_callback(self._work.discard)

    async def _follow(self, key: str) -> None:
        """Start the flow, then wait for its end without holding the pace: it may wait for its turn to post."""
        try:
            await self._see_through(key, key)
        finally:
            self._going_on.discard(key)

    async def _see_through(self, key: str, workflow_id: str) -> None:
        try:
            try:
                end_of_flow = await self._house.engine.start(intake, workflow_id, key)
            finally:
                self._pace.release()
            await end_of_flow()
        except Exception:
            log.exception("intake_flow_failed", key=key)
            await self._start_over(key)

    async def _start_over(self, key: str) -> None:
        """A flow that failed never runs again under its id; its row gets another, since every step looks first."""
        try:
            if key not in await self._house.db.read(inbox.unhandled):
                return
        except StoreUnavailable as error:
            log.warning("inbox_not_read", reason=str(error))
        await asyncio.sleep(START_OVER_S)
        await self._pace.acquire()
        await self._see_through(key, f"{key}#{self._house.clock().timestamp():.0f}")

    async def _look_again(self) -> None:
        """Rows without a finished flow: what a crash between the row and its flow left."""
        while True:
            try:
                for key in await self._house.db.read(inbox.unhandled):
                    self._waiting.put_nowait(key)
            except StoreUnavailable as error:
                log.warning("inbox_not_read", reason=str(error))
            await asyncio.sleep(LOOK_AGAIN_S)
