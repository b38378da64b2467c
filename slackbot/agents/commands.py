"""From an agent's configuration to what can be run: its argv, its name on the card, its faults. Starts nothing."""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import slackbot
from slackbot.agents.environment import is_the_bots_own
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentMissing

Which = Callable[..., str | None]

# Isolated (-I): the workspace, which is the current directory, must not be able to replace a module of ours.
_DEMO_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from slackbot.agents.demo.program import main; main()"


def argv_of(
    agent: str, config: AgentConfig, base_dir: Path, path: str | None, which: Which = shutil.which
) -> list[str]:
    """The command of an agent with absolute paths. Raises AgentMissing when its program is not there."""
    if config.kind == "demo":
        return [sys.executable, "-I", "-c", _DEMO_PROGRAM, str(Path(slackbot.__file__).resolve().parent.parent)]
    program, *arguments = config.command
    found = which(str(base_dir.absolute() / program) if "/" in program else program, path=path)
    if found is None:
        raise AgentMissing(
            f"The program {program!r} of the agent {agent!r} was not found; "
            f"look at [agents.{agent}] command in slackbot.toml."
        )
    return [found, *(_absolute_if_there(argument, base_dir) for argument in arguments)]


def _absolute_if_there(argument: str, base_dir: Path) -> str:
    """`command = ["python3", "agents/mine.py"]` means the file beside slackbot.toml; the agent runs elsewhere."""
    file = base_dir.absolute() / argument
    return str(file) if "/" in argument and not argument.startswith("-") and file.is_file() else argument


def describe(agent: str, config: AgentConfig | None) -> str:
    """The agent's name with what a person must know about it: "demo (no AI, unboxed)"."""
    if config is None:
        return agent
    remarks = ["no AI"] * (config.kind == "demo") + ["unboxed"] * (config.box == "none")
    return f"{agent} ({', '.join(remarks)})" if remarks else agent


def refusals(agent: str, config: AgentConfig) -> list[str]:
    """Why this version does not run such an agent at all, one sentence a reason."""
    found = []
    if config.kind in ("codex", "claude"):
        found.append(
            f'agents.{agent}: kind = "{config.kind}" is not available yet; '
            f'use kind = "acp" with the command of its ACP program'
        )
    if config.box == "bwrap":
        found.append(
            f'agents.{agent}: sandbox = "bwrap" is not available yet; '
            f'write sandbox = "none" to run it unboxed, with your user\'s rights'
        )
    own = [name for name in config.env if is_the_bots_own(name)]
    if own:
        found.append(f"agents.{agent}: env names the bot's own {', '.join(own)}; no agent gets those, remove them")
    return found


def faults(
    configs: Mapping[str, AgentConfig],
    environment: Mapping[str, str],
    base_dir: Path,
    which: Which = shutil.which,
) -> list[str]:
    """Every reason why an agent cannot run, for the roof to report at start; empty when all is well."""
    found = []
    for agent, config in configs.items():
        found += refusals(agent, config)
        if config.kind != "acp":
            continue
        try:
            argv_of(agent, config, base_dir, environment.get("PATH"), which)
        except AgentMissing as missing:
            found.append(f"agents.{agent}: {missing.sentence}")
    return found


def usable(agent: str, configs: Mapping[str, AgentConfig]) -> AgentConfig:
    """The agent's configuration. Raises AgentMissing with the reason when it is unknown or refused."""
    config = configs.get(agent)
    if config is None:
        known = ", ".join(sorted(configs)) or "none"
        raise AgentMissing(f"There is no agent {agent!r} in slackbot.toml; it names: {known}.")
    reasons = refusals(agent, config)
    if reasons:
        raise AgentMissing("; ".join(reasons) + ".")
    return config
