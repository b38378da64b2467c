"""JSON-RPC messages over an agent's stdin and stdout, whatever the agent writes between them.

The SDK's connection takes messages from here rather than from the pipe: its own reader has no limit on a line, and a
message of an odd shape ends it. Knows nothing of what the messages mean.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from slackbot.agents.watch import Watch
from slackbot.core.errors import AgentFlooded, AgentGarbled

MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_NOISE_LINES = 10_000  # in a row, without one message between them
_CHUNK_BYTES = 65536


class Wire:
    """The SDK's Transport over a process. `noise_lines` and `messages` count what came."""

    def __init__(self, agent: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watch: Watch) -> None:
        self._agent, self._writer, self._watch = agent, writer, watch
        self._lines = lines(reader, watch.heard)
        self._noise_in_a_row = 0
        self.noise_lines = 0
        self.messages = 0

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None when there will be none, because of the agent's end or of a limit."""
        try:
            async for line in self._lines:
                if self._watch.rang:
                    return None
                message = parse(line)
                if message is not None:
                    self.messages += 1
                    self._noise_in_a_row = 0
                    await asyncio.sleep(0)  # a burst of buffered messages must not starve those who handle them
                    return message
                self._count_noise(line)
        except AgentFlooded as error:
            self._watch.ring(AgentFlooded(f"The agent {self._agent!r} {error.sentence}"))
        return None

    async def send(self, message: dict[str, Any]) -> None:
        """Raises ConnectionError for a request when the agent does not listen; an answer may get lost."""
        try:
            self._writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            await self._writer.drain()
        except ConnectionError:
            if "method" in message:
                raise

    async def close(self) -> None:
        self._writer.close()

    def _count_noise(self, line: bytes) -> None:
        if not line.strip():
            return
        self.noise_lines += 1
        self._noise_in_a_row += 1
        if self._noise_in_a_row > MAX_NOISE_LINES:
            self._watch.ring(
                AgentGarbled(
                    f"What the agent {self._agent!r} writes is not ACP: {MAX_NOISE_LINES} lines of something else."
                )
            )


async def lines(reader: asyncio.StreamReader, heard: Callable[[int], None]) -> AsyncIterator[bytes]:
    """The lines of a stream, without their ends. Raises AgentFlooded on a line beyond MAX_LINE_BYTES."""
    partial: list[bytes] = []  # rather than one growing buffer, which costs twice its size whenever it moves
    size = 0
    while chunk := await reader.read(_CHUNK_BYTES):
        heard(len(chunk))
        first, *rest = chunk.split(b"\n")
        partial.append(first)
        size += len(first)
        for piece in rest:
            yield b"".join(partial)
            partial, size = [piece], len(piece)
        if size > MAX_LINE_BYTES:
            raise AgentFlooded(f"wrote a line of more than {MAX_LINE_BYTES:,} bytes and was ended.")
    if size:
        yield b"".join(partial)


def parse(line: bytes) -> dict[str, Any] | None:
    """A JSON-RPC message that the SDK's connection can bear, None for anything else. Bad UTF-8 is replaced."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        message = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(message.get("method"), str | None) or not isinstance(message.get("id"), int | str | None):
        return None
    if not isinstance(message.get("error"), dict | None):
        return None
    return message if "method" in message or "id" in message else None
