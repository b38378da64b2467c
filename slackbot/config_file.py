"""Reads slackbot.toml into a `Config` and names every fault at once; refuses to know the environment."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slackbot.core.config import (
    AgentConfig,
    BotConfig,
    ChannelConfig,
    Config,
    RepoConfig,
    RetentionConfig,
    SummaryConfig,
    WebConfig,
)
from slackbot.core.errors import ConfigurationError

Table = dict[str, object]
TABLES: dict[str, type[BaseModel]] = {
    "bot": BotConfig,
    "agents": AgentConfig,
    "repos": RepoConfig,
    "channels": ChannelConfig,
    "summaries": SummaryConfig,
    "web": WebConfig,
    "retention": RetentionConfig,
}
SLACK_ID = re.compile(r"[SUW][A-Z0-9]{2,}")
NOT_YET = "is not available in this version"


def load_config(path: Path) -> Config:
    """The configuration. Raises ConfigurationError; each fault is one line: file, place, what to do."""
    raw = _parse(path)
    faults = list(_cross_faults(raw))
    try:
        config = Config.model_validate({**raw, "base_dir": path.absolute().parent})
    except ValidationError as error:
        faults = [_worded(detail, raw) for detail in error.errors()] + faults
    if "base_dir" in raw:
        faults.insert(0, "base_dir: unknown key: remove it")
    if faults:
        raise ConfigurationError([f"{path}: {fault}" for fault in faults])
    return config


def _parse(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError([f"{path}: no such file: copy slackbot.toml.sample to it and edit it"]) from error
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path}: is not UTF-8 text: save it as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}: is not TOML: {error}"]) from error


def _worded(detail: ErrorDetails, raw: Table) -> str:
    """One of pydantic's errors in the words of the file."""
    location = detail["loc"]
    where = _place(location, raw)
    if detail["type"] == "extra_forbidden":
        return f"{where}: unknown key: {_suggestion(location)}"
    if detail["type"] == "missing":
        return f"{where}: missing: add it"
    return f"{where}: {detail['msg'].removeprefix('Value error, ')}"


def _place(location: tuple[int | str, ...], raw: Table) -> str:
    """`repos[0] shop/checkout: url`: the entry is named where it has a name."""
    if len(location) < 2 or not isinstance(location[1], int):
        return ".".join(str(part) for part in location)
    entry = _entry(raw, str(location[0]), location[1])
    rest = ".".join(str(part) for part in location[2:])
    return f"{entry}: {rest}" if rest else entry


def _suggestion(location: tuple[int | str, ...]) -> str:
    table = TABLES.get(str(location[0])) if len(location) > 1 else None
    known = list(table.model_fields) if table else list(TABLES)
    close = get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"


def _cross_faults(raw: Table) -> Iterator[str]:
    """What no single key shows. Works on the raw tables, so that a misspelt key elsewhere hides none of it."""
    agents = raw.get("agents")
    names = [str(entry.get("name")) for entry in _entries(raw, "repos")]
    if isinstance(agents, dict):
        yield from _agent_faults(agents)
    if not names:
        yield 'repos: none is configured: add a [[repos]] table with name, url, forge = "local", agent and check'
    for index, repo in enumerate(_entries(raw, "repos")):
        known = list(agents) if isinstance(agents, dict) else []
        yield from (f"{_entry(raw, 'repos', index)} {fault}" for fault in _repo_faults(repo, known))
    for index, channel in enumerate(_entries(raw, "channels")):
        for name in _texts(channel.get("repos")):
            if name not in names:
                yield f"{_entry(raw, 'channels', index)} names an unknown repository {name!r}: {_one_of(names)}"
    yield from _repeated(raw, "repos", "name")
    yield from _repeated(raw, "channels", "id")
    yield from _repeated(raw, "summaries", "name")
    yield from _web_faults(raw.get("web"))


def _agent_faults(agents: Table) -> Iterator[str]:
    for name, agent in agents.items():
        if not isinstance(agent, dict):
            continue
        kind = agent.get("kind")
        if kind in ("codex", "claude"):
            yield f'agents.{name}: kind = "{kind}" {NOT_YET}: use "acp" with its command, or "demo"'
        elif agent.get("sandbox", "bwrap" if kind == "acp" else "none") == "bwrap":
            yield (
                f'agents.{name}: sandbox = "bwrap" {NOT_YET}: write sandbox = "none" when the agent may run '
                "with all rights of the bot's user"
            )


def _repo_faults(repo: Table, agents: list[str]) -> Iterator[str]:
    if not str(repo.get("check") or "").strip():
        yield 'has no check: add the command that must pass, such as check = "make test"'
    if "agent" in repo and repo["agent"] not in agents:
        yield f"names an unknown agent {repo['agent']!r}: {_one_of(agents)}"
    if repo.get("forge") == "github":
        yield f'has forge = "github", which {NOT_YET}: use forge = "local"'
    if repo.get("review", "person") in ("agents", "sample"):
        yield f'has review = "{repo["review"]}", which {NOT_YET}: use review = "person"'
    if repo.get("reviewers"):
        yield f"lists reviewers, which {NOT_YET}: remove them"
    for name in _texts(repo.get("approvers")):
        if not SLACK_ID.fullmatch(name):
            yield f"has the approver {name!r}, which is no Slack id: write ids such as S012ONCALL or U012AB3CD"


def _web_faults(web: object) -> Iterator[str]:
    url = web.get("public_url") if isinstance(web, dict) else None
    if isinstance(url, str) and url and not re.match(r"https?://[^/\s]+", url):
        yield f"web.public_url: {url!r} is no address: write it as https://pitcrew.example.com"


def _repeated(raw: Table, table: str, key: str) -> Iterator[str]:
    counts = Counter(str(entry[key]) for entry in _entries(raw, table) if key in entry)
    yield from (
        f"{table}: {count} entries have {key} = {value!r}: keep one" for value, count in counts.items() if count > 1
    )


def _one_of(names: list[str]) -> str:
    return f"it is one of {', '.join(names)}" if names else "none is configured"


def _entry(raw: Table, table: str, index: int) -> str:
    """`repos[0] shop/checkout`, or `repos[0]` for an entry without a name."""
    entry = _entries(raw, table)[index]
    return f"{table}[{index}] {entry.get('name') or entry.get('id') or ''}".rstrip()


def _entries(raw: Table, table: str) -> list[Table]:
    """The entries of an array of tables, each at its own index; what is no table counts as an empty one."""
    entries = raw.get(table)
    return [entry if isinstance(entry, dict) else {} for entry in entries] if isinstance(entries, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
