"""Which agent the demo uses: the built-in one, or one of the user's slackbot.toml."""

from pathlib import Path

from slackbot.config_file import load_config
from slackbot.core.config import AgentConfig
from slackbot.core.errors import ConfigurationError
from slackbot.demo.folder import Agent
from slackbot.settings import DEFAULT_CONFIG, inherited

BUILT_IN = Agent("demo", AgentConfig(kind="demo"), {})


def chosen_agent(name: str | None) -> Agent:
    """The agent of that name, with what its configuration points to made independent of where that file is.

    Raises ConfigurationError: no such file or agent, or a fault in the file.
    """
    if name is None:
        return BUILT_IN
    path = Path(inherited(("SLACKBOT_CONFIG",)).get("SLACKBOT_CONFIG") or DEFAULT_CONFIG).expanduser().absolute()
    agents = load_config(path).agents
    if name not in agents:
        raise ConfigurationError([f"{path}: there is no agent {name!r}: it has {', '.join(agents) or 'none'}"])
    config = agents[name]
    command = tuple(from_anywhere(argument, path.parent) for argument in config.command)
    environment = inherited(config.env, path.parent / ".env")
    return Agent(name, config.model_copy(update={"command": command}), environment)


def from_anywhere(argument: str, base: Path) -> str:
    """A file beside the user's configuration, as the bot itself would find it."""
    file = base / argument
    return str(file) if "/" in argument and not argument.startswith("-") and file.is_file() else argument
