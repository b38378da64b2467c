"""Calls that wait their turn: pacing, Retry-After, and a few repeats of what may be repeated. Never posts by itself."""

import structlog

from slackbot.chat.pacing import Pacer, Timing, Urgency
from slackbot.chat.wire import Answer, Outage, RateLimited, Wire
from slackbot.core.errors import ChatError

log = structlog.get_logger()

PAUSES_S = (0.5, 2.0, 5.0, 10.0)  # before the second to the fifth try
READ_PAUSES_S = (0.3, 1.0, 3.0)  # somebody who clicked waits for the look-up: soon a clear no
PATIENCE_S = 60.0  # a person waits for its answer


class Calls:
    """The one way out to Slack for everything in this room."""

    def __init__(self, wire: Wire, pacer: Pacer, timing: Timing) -> None:
        self._wire, self.pacer, self.timing = wire, pacer, timing

    async def once(self, method: str, arguments: Answer, urgency: Urgency = Urgency.ANSWER) -> Answer:
        """One try, after its turn has come. A 429 closes the method for every caller and is raised."""
        channel = arguments.get("channel")
        await self.pacer.enter(method, str(channel) if channel else None, urgency)
        return await self.now(method, arguments)

    async def now(self, method: str, arguments: Answer) -> Answer:
        """One try at once, for who has had a turn already."""
        try:
            return await self._wire.call(method, arguments)
        except RateLimited as limited:
            log.warning("slack_rate_limited", method=method, retry_after_s=limited.retry_after_s)
            self.pacer.gate(method).close_for(limited.retry_after_s)
            raise

    async def patiently(self, method: str, arguments: Answer, urgency: Urgency = Urgency.ANSWER) -> Answer:
        """One try that counts: 429s are waited for, however long. Raises ChatError for all else."""
        while True:
            try:
                return await self.once(method, arguments, urgency)
            except RateLimited:
                continue  # the gate is closed until Slack wants to hear from us

    async def repeatable(self, method: str, arguments: Answer, urgency: Urgency = Urgency.ANSWER) -> Answer:
        """A call that may be repeated: outages a few times, 429s while a person would wait."""
        deadline = self.timing.now() + PATIENCE_S
        for pause_s in (*READ_PAUSES_S, None):
            try:
                return await self._before(deadline, method, arguments, urgency)
            except Outage as outage:
                if pause_s is None:
                    raise ChatError("Slack", method, outage.reason, retryable=True) from outage
                log.warning("slack_call_again", method=method, reason=outage.reason)
                await self.timing.sleep(pause_s)
        raise AssertionError("the last pause is None")

    async def _before(self, deadline: float, method: str, arguments: Answer, urgency: Urgency) -> Answer:
        while True:
            try:
                return await self.once(method, arguments, urgency)
            except RateLimited as limited:
                if self.timing.now() + limited.retry_after_s > deadline:
                    raise
