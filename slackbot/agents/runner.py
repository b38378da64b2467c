"""Turns of ACP agents: one process a turn, kept by a keeper, in an environment from an allow list.

Knows nothing of tasks, Slack or git: a turn begins with a prompt in a workspace and ends with an answer.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from slackbot.agents import commands
from slackbot.agents.environment import environment_for
from slackbot.agents.kept import Kept, Where, start
from slackbot.agents.turn import Turn
from slackbot.core.agent import Report, TurnOrder, TurnResult
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentError, AgentMissing

log = structlog.get_logger(__name__)


class AcpRunner:
    """The AgentRunner of every agent that speaks ACP over stdio, the built-in demo agent included.

    `environment`: the bot's variables, of which agents get an allow list. Relative programs start at `base_dir`.
    """

    def __init__(self, configs: Mapping[str, AgentConfig], environment: Mapping[str, str], base_dir: Path) -> None:
        self._configs, self._environment, self._base_dir = configs, environment, base_dir

    def describe(self, agent: str) -> str:
        return commands.describe(agent, self._configs.get(agent))

    async def run(self, order: TurnOrder, report: Report) -> TurnResult:
        config = commands.usable(order.agent, self._configs)
        kept = await self._start(order, config)
        try:
            turn = Turn(order, config, kept, report)
            try:
                return await self._told(turn, order.agent)
            finally:
                kept.release()  # at once: whatever interrupts what follows, the keeper is on its way
                await turn.close()
        finally:
            await kept.end()

    async def _start(self, order: TurnOrder, config: AgentConfig) -> Kept:
        environment = environment_for(self._environment, config.env, order.home)
        argv = commands.argv_of(order.agent, config, self._base_dir, environment["PATH"])
        if not order.workspace.is_dir():
            raise AgentError("The workspace is not there any more; try again.", str(order.workspace))
        try:
            return await start(argv, Where(order.workspace, environment), talks=True)
        except OSError as error:
            raise AgentMissing(f"The agent {order.agent!r} does not start; try again.", str(error)) from error

    async def _told(self, turn: Turn, agent: str) -> TurnResult:
        """Run the turn and log how it ended; when we are cancelled, the agent is asked to stop first."""
        outcome = "completed"
        try:
            return await turn.run()
        except asyncio.CancelledError:
            outcome = "stopped"
            await turn.ask_to_stop()
            raise
        except Exception as error:
            outcome = type(error).__name__
            raise
        finally:
            facts = {"output_bytes": turn.watch.total_bytes, "noise_lines": turn.wire.noise_lines}
            log.info("agent_turn_ended", agent=agent, outcome=outcome, **facts)
