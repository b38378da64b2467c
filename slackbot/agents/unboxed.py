"""The Sandbox that is none: a repository's commands run with the bot's user and no box, but behind a keeper."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from slackbot.agents import commands
from slackbot.agents.environment import environment_for
from slackbot.agents.kept import Kept, Where, start
from slackbot.agents.text import Tail
from slackbot.core.agent import CommandResult
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentError

OUTPUT_TAIL_CHARS = 20_000
_CHUNK_BYTES = 65536

log = structlog.get_logger(__name__)


class Unboxed:
    """Runs `/bin/sh -c COMMAND` with the agent's environment. Refuses an agent whose box is to be bwrap."""

    def __init__(self, configs: Mapping[str, AgentConfig], environment: Mapping[str, str]) -> None:
        self._configs, self._environment = configs, environment

    async def run(self, agent: str, command: str, workspace: Path, home: Path, timeout_s: float) -> CommandResult:
        """Raises AgentError when the command cannot even be started, for example because the workspace is gone."""
        config = commands.usable(agent, self._configs)
        environment = environment_for(self._environment, config.env, home)
        started = asyncio.get_running_loop().time()
        try:
            kept = await start(["/bin/sh", "-c", command], Where(workspace, environment), talks=False)
        except OSError as error:
            raise AgentError("The command did not start; try again.", str(error)) from error
        tail = Tail(OUTPUT_TAIL_CHARS)
        exit_code = await _finish(kept, tail, timeout_s)
        duration_s = asyncio.get_running_loop().time() - started
        log.info("command_ended", agent=agent, exit_code=exit_code, duration_s=round(duration_s, 2))
        return CommandResult(exit_code=exit_code, duration_s=duration_s, output=tail.text())


async def _finish(kept: Kept, tail: Tail, timeout_s: float) -> int | None:
    """Read to the end, which comes when the shell ended and the keeper has ended what it left behind."""
    assert kept.process.stdout  # every process of ours has one
    try:
        async with asyncio.timeout(timeout_s):
            while chunk := await kept.process.stdout.read(_CHUNK_BYTES):
                tail.add(chunk)
            await kept.process.wait()
    except TimeoutError:
        await kept.end()
        return None
    finally:
        kept.release()
    return await kept.end()
