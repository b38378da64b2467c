"""Edits of cards, one at a time for each card: the last write wins, state goes before progress.

Knows when to send and what to do when it fails; what a card looks like arrives ready.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from slackbot.chat.calls import PAUSES_S, Calls
from slackbot.chat.cards import Drawn
from slackbot.chat.pacing import Urgency
from slackbot.chat.wire import Outage, RateLimited
from slackbot.core.errors import ChatError
from slackbot.core.task import MessageRef

log = structlog.get_logger()

METHOD = "chat.update"
STALE_AFTER_S = 120.0  # progress this old says little; the next one will say more


@dataclass
class _Waiter:
    number: int
    done: asyncio.Future[None]


@dataclass
class _Edit:
    """What a card should show, and who waits for it. `number` counts the writes, `sent` is the last that is settled."""

    drawn: Drawn
    written_at: float
    urgency: Urgency = Urgency.PROGRESS
    number: int = 0
    sent: int = 0
    failures: int = 0
    turn: asyncio.Future[None] | None = None
    waiters: list[_Waiter] = field(default_factory=list)


class Edits:
    def __init__(self, calls: Calls) -> None:
        self._calls, self._gate = calls, calls.pacer.gate(METHOD)
        self._edits: dict[MessageRef, _Edit] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, ref: MessageRef, drawn: Drawn, urgency: Urgency) -> None:
        """Show this, or something newer; returns when that is shown, or when it was progress and became stale.

        Raises CardGone, ThreadGone, ChatError.
        """
        edit = self._edits.get(ref)
        if edit is None:
            edit = self._edits[ref] = _Edit(drawn, self._calls.timing.now())
            self._start(ref, edit)
        edit.drawn, edit.written_at = drawn, self._calls.timing.now()
        edit.number += 1
        waiter = _Waiter(edit.number, asyncio.get_running_loop().create_future())
        edit.waiters.append(waiter)
        if urgency < edit.urgency:
            self._hurry(edit, urgency)
        await waiter.done

    def _start(self, ref: MessageRef, edit: _Edit) -> None:
        task = asyncio.create_task(self._paint(ref, edit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hurry(self, edit: _Edit, urgency: Urgency) -> None:
        edit.urgency = urgency
        if edit.turn is not None and not edit.turn.done():
            self._gate.hurry(edit.turn, urgency)

    async def _paint(self, ref: MessageRef, edit: _Edit) -> None:
        try:
            while edit.sent < edit.number:
                edit.turn = self._gate.turn(edit.urgency)
                await edit.turn
                await self._paint_once(ref, edit)
        except Exception as error:
            _fail(edit.waiters, error)
            raise
        finally:
            del self._edits[ref]
            for waiter in edit.waiters:
                waiter.done.cancel()

    async def _paint_once(self, ref: MessageRef, edit: _Edit) -> None:
        number, drawn, urgency = edit.number, edit.drawn, edit.urgency
        age_s = self._calls.timing.now() - edit.written_at
        if urgency is Urgency.PROGRESS and age_s > STALE_AFTER_S:
            log.info("progress_dropped", card=ref.ts, age_s=age_s)
            self._gate.give_back()
            self._settle(edit, number, None)
            return
        edit.urgency = Urgency.PROGRESS  # what is written from now on counts for itself
        try:
            await self._calls.now(METHOD, _arguments(ref, drawn))
        except RateLimited:
            edit.urgency = min(edit.urgency, urgency)
        except Outage as outage:
            edit.urgency = min(edit.urgency, urgency)
            await self._outage(edit, number, outage)
        except ChatError as error:
            self._settle(edit, number, error)
        else:
            self._settle(edit, number, None)

    async def _outage(self, edit: _Edit, number: int, outage: Outage) -> None:
        """An edit may be repeated: it says what the card should show, not what to add."""
        if edit.failures >= len(PAUSES_S):
            self._settle(edit, number, ChatError("Slack", METHOD, outage.reason, retryable=True))
            return
        log.warning("card_edit_again", reason=outage.reason, tries=edit.failures + 1)
        await self._calls.timing.sleep(PAUSES_S[edit.failures])
        edit.failures += 1

    def _settle(self, edit: _Edit, number: int, error: ChatError | None) -> None:
        edit.sent, edit.failures = number, 0
        served = [waiter for waiter in edit.waiters if waiter.number <= number]
        edit.waiters = [waiter for waiter in edit.waiters if waiter.number > number]
        if error is not None:
            _fail(served, error)
        for waiter in served:
            if not waiter.done.done():  # else it has failed, or its caller went away
                waiter.done.set_result(None)


def _fail(waiters: list[_Waiter], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.done.done():
            waiter.done.set_exception(error)


def _arguments(ref: MessageRef, drawn: Drawn) -> dict[str, object]:
    return {
        "channel": ref.channel,
        "ts": ref.ts,
        "text": drawn.text,
        "blocks": drawn.blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
