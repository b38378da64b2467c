"""The wing that runs coding agents and repositories' own commands; knows processes and ACP, nothing of tasks."""

from slackbot.agents.commands import faults, refusals
from slackbot.agents.runner import AcpRunner
from slackbot.agents.unboxed import Unboxed

__all__ = ["AcpRunner", "Unboxed", "faults", "refusals"]
