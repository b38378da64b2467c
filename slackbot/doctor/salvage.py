"""What of a faulty slackbot.toml can be used: for looking around, never for running. Refuses to judge the faults."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from slackbot.config_file import Table, load_config
from slackbot.core.config import AgentConfig, BotConfig, ChannelConfig, Config, RepoConfig, SummaryConfig, WebConfig
from slackbot.core.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)


def salvage(path: Path) -> tuple[Config, list[str]]:
    """The file's usable entries, and every fault of it; all of them and none when it is in order."""
    try:
        return load_config(path), []
    except ConfigurationError as error:
        return _usable(_read(path), path.parent), error.faults


def _read(path: Path) -> Table:
    """Empty when the file is not there or no TOML, which its faults say already."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _usable(raw: Table, base_dir: Path) -> Config:
    agents = raw.get("agents")
    tables = agents.items() if isinstance(agents, dict) else ()
    found = {name: _entry(AgentConfig, table) for name, table in tables}
    return Config(
        bot=_entry(BotConfig, raw.get("bot")) or BotConfig(),
        agents={name: agent for name, agent in found.items() if agent is not None},
        repos=_each(RepoConfig, raw.get("repos"), _entry),
        channels=_each(ChannelConfig, raw.get("channels"), _entry),
        # With a default in place of what is wrong, the next date would be another than the one that was meant.
        summaries=_each(SummaryConfig, raw.get("summaries"), _whole_entry),
        web=_entry(WebConfig, raw.get("web")) or WebConfig(),
        base_dir=base_dir,
    )


def _each(model: type[M], given: object, read: Callable[[type[M], object], M | None]) -> tuple[M, ...]:
    found = [read(model, entry) for entry in given] if isinstance(given, list) else []
    return tuple(entry for entry in found if entry is not None)


def _whole_entry(model: type[M], given: object) -> M | None:
    """The entry when nothing is wrong with it."""
    try:
        return model.model_validate(given)
    except ValidationError:
        return None


def _entry(model: type[M], given: object) -> M | None:
    """The entry, without the keys that are wrong where it can do without them."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
    rest = {key: value for key, value in given.items() if key not in wrong} if isinstance(given, dict) else given
    return _whole_entry(model, rest)
