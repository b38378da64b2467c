"""One turn on a running agent process: the ACP conversation, and what a bad end of it is called.

Owns no process: it is given one and leaves its end to the runner.
"""

import asyncio
import json
from typing import Any

from acp import PROTOCOL_VERSION, RequestError
from acp.core import Connection

import slackbot
from slackbot.agents import keeper
from slackbot.agents.kept import Kept
from slackbot.agents.listener import Listener
from slackbot.agents.text import Tail, clean, one_line
from slackbot.agents.watch import Watch
from slackbot.agents.wire import Wire
from slackbot.core.agent import Report, TurnOrder, TurnResult
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentDied, AgentError, AgentGarbled, AgentMissing

_STDERR_TAIL_CHARS = 8_000
_STORY_CHARS = 8_000
_CANCEL_GRACE_S = 1.0
_EXIT_GRACE_S = 0.5
_CHUNK_BYTES = 65536


class Turn:
    """The conversation of one turn. `run` once, then `close`, whatever happened."""

    def __init__(self, order: TurnOrder, config: AgentConfig, kept: Kept, report: Report) -> None:
        process = kept.process
        assert process.stdin and process.stdout and process.stderr  # what `start(…, talks=True)` promises
        self._order, self._kept = order, kept
        self.watch = Watch(order.agent, config)
        self.wire = Wire(order.agent, process.stdout, process.stdin, self.watch)
        self._listener = Listener(report, self.watch)
        self._connection = Connection(self._listener.handle, self.wire)
        self._stderr = Tail(_STDERR_TAIL_CHARS)
        self._stderr_reader = asyncio.create_task(self._read_stderr(process.stderr))
        self._talk: asyncio.Task[dict[str, Any]] | None = None
        self._session: str | None = None

    async def run(self) -> TurnResult:
        """Talk until the agent's stop reason, or the first limit. Raises AgentError's children."""
        self._talk = asyncio.create_task(self._converse())
        first: set[asyncio.Future[Any]] = {self._talk, self.watch.alarm}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if self.watch.rang:
            self.watch.alarm.result()
        try:
            ended = self._talk.result()
        except ConnectionError as error:
            raise await self._bad_end() from error
        except RequestError as error:
            raise self._reported(error) from error
        return self._result(ended)

    async def ask_to_stop(self) -> None:
        """Ask the agent to end its turn, and give it a moment for that; never raises."""
        if self._talk is None or self._talk.done() or self._session is None:
            return
        self._listener.stopping = True
        try:
            async with asyncio.timeout(_CANCEL_GRACE_S):
                await self._connection.send_notification("session/cancel", {"sessionId": self._session})
                await asyncio.wait({self._talk})
        except (TimeoutError, ConnectionError):
            return  # it is ended by force then

    async def close(self) -> None:
        """Stop talking and reading; the process's streams are free afterwards."""
        self.watch.close()
        tasks = [task for task in (self._talk, self._stderr_reader) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connection.close()

    async def _converse(self) -> dict[str, Any]:
        await self._begin()
        await self._open_session()
        prompt = [{"type": "text", "text": self._order.prompt}]
        return await self._ask("session/prompt", {"sessionId": self._session, "prompt": prompt})

    async def _begin(self) -> None:
        files = {"readTextFile": False, "writeTextFile": False}
        told = await self._ask(
            "initialize",
            {
                "protocolVersion": PROTOCOL_VERSION,
                "clientCapabilities": {"fs": files, "terminal": False},
                "clientInfo": {"name": "pitcrew", "version": slackbot.__version__},
            },
        )
        if told.get("protocolVersion") != PROTOCOL_VERSION:
            version = one_line(str(told.get("protocolVersion")), 20)
            raise AgentError(
                f"The agent {self._order.agent!r} speaks version {version} of ACP, I speak {PROTOCOL_VERSION}; "
                "install a matching version of it."
            )

    async def _open_session(self) -> None:
        opened = await self._ask("session/new", {"cwd": str(self._order.workspace), "mcpServers": []})
        if not isinstance(opened.get("sessionId"), str):
            story = one_line(str(opened), _STORY_CHARS)
            raise AgentGarbled(f"The agent {self._order.agent!r} opened no session.", story)
        self._session = opened["sessionId"]

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = await self._connection.send_request(method, params)
        return answer if isinstance(answer, dict) else {}

    def _result(self, ended: dict[str, Any]) -> TurnResult:
        """An unknown stop reason counts as an end: what the turn did is in the workspace either way."""
        agent, answer = self._order.agent, self._listener.answer
        if ended.get("stopReason") == "refusal":
            raise AgentError(f"The agent {agent!r} refused to do this; say it in other words.", answer[:_STORY_CHARS])
        if ended.get("stopReason") == "cancelled":
            raise AgentError(f"The agent {agent!r} stopped before it was done; try again.", answer[:_STORY_CHARS])
        usage = ended.get("usage")
        total = usage.get("totalTokens") if isinstance(usage, dict) else None
        return TurnResult(answer=answer, tokens=total if isinstance(total, int) else self._listener.tokens)

    def _reported(self, error: RequestError) -> AgentError:
        return AgentError(
            f"The agent {self._order.agent!r} reported an error: {one_line(str(error), 300)}",
            f"code {error.code}\n{clean(json.dumps(error.data))[:_STORY_CHARS]}\n{self._stderr.text()}",
        )

    async def _bad_end(self) -> AgentError:
        """The agent closed its stdout in the middle of the turn: what happened to it."""
        agent = self._order.agent
        code = await self._exit_code()
        stderr = self._stderr.text()
        story = f"exit code {code}, {self.wire.noise_lines} lines of noise\n{stderr}"
        if code == keeper.CANNOT_START_CODE and keeper.CANNOT_START in stderr:
            sentence = f"The agent {agent!r} does not start; look at [agents.{agent}] in slackbot.toml."
            return AgentMissing(sentence, story)
        if self.wire.noise_lines and not self.wire.messages:
            sentence = f"What the agent {agent!r} wrote is not ACP, and then it ended (exit code {code})."
            return AgentGarbled(sentence, story)
        return AgentDied(f"The agent {agent!r} ended in the middle of its turn (exit code {code}).", story)

    async def _exit_code(self) -> int:
        """The agent's own exit code, if it ends by itself; its stderr has been read then."""
        try:
            async with asyncio.timeout(_EXIT_GRACE_S):
                await self._kept.process.wait()
        except TimeoutError:
            self._kept.release()
        await asyncio.wait({self._stderr_reader}, timeout=_EXIT_GRACE_S + keeper.GRACE_S)
        await self.close()
        return await self._kept.end()

    async def _read_stderr(self, stream: asyncio.StreamReader) -> None:
        while not self.watch.rang and (chunk := await stream.read(_CHUNK_BYTES)):
            self._stderr.add(chunk)
            self.watch.heard(len(chunk))
