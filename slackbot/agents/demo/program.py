"""The demo agent as a program over stdin and stdout."""

import asyncio
import sys
from typing import cast

import acp

from slackbot.agents.demo.agent import DemoAgent


def main() -> None:
    """Serve one client until it closes our stdin."""
    try:
        asyncio.run(acp.run_agent(cast(acp.Agent, DemoAgent())))
    except KeyboardInterrupt:
        sys.exit(130)
