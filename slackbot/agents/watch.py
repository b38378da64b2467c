"""The limits of one turn: wall time, silence, amount. Knows nothing of what the agent says."""

import asyncio
from typing import NoReturn

from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentFlooded, AgentTimedOut


class Watch:
    """`alarm` fails with the first thing that went wrong; `heard` is told of every byte from the agent."""

    def __init__(self, agent: str, config: AgentConfig) -> None:
        self._agent, self._config = agent, config
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self.total_bytes = 0
        self.alarm: asyncio.Future[NoReturn] = self._loop.create_future()
        self._wall = self._loop.call_later(config.turn_timeout_s, self._too_long)
        self._silence = self._loop.call_later(config.silence_timeout_s, self._look_for_silence)

    @property
    def rang(self) -> bool:
        return self.alarm.done()

    def heard(self, size: int) -> None:
        self._heard_at = self._loop.time()
        self.total_bytes += size
        limit = self._config.max_output_bytes
        if self.total_bytes > limit:
            self.ring(
                AgentFlooded(f"The agent {self._agent!r} wrote more than its limit of {limit:,} bytes and was ended.")
            )

    def ring(self, error: Exception) -> None:
        """End the turn with this error, unless another was first."""
        if not self.alarm.done():
            self.alarm.set_exception(error)

    def close(self) -> None:
        """No alarm rings any more. Safe to repeat."""
        self._wall.cancel()
        self._silence.cancel()
        if not self.alarm.cancel() and not self.alarm.cancelled():
            self.alarm.exception()  # asyncio warns about an exception that nobody looked at

    def _too_long(self) -> None:
        limit = self._config.turn_timeout_s
        self.ring(AgentTimedOut(f"The agent {self._agent!r} was not done after {limit:g} s and was ended."))

    def _look_for_silence(self) -> None:
        limit = self._config.silence_timeout_s
        left = self._heard_at + limit - self._loop.time()
        if left > 0:
            self._silence = self._loop.call_later(left, self._look_for_silence)
        else:
            self.ring(AgentTimedOut(f"The agent {self._agent!r} said nothing for {limit:g} s and was ended."))
