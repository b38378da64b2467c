"""Which variables an agent or a repository's command sees: an allow list, built from nothing."""

from collections.abc import Iterable, Mapping
from pathlib import Path

_ALLOWED = ("PATH", "LANG", "LANGUAGE", "TZ")
_ALLOWED_PREFIX = "LC_"
_DEFAULTS = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
# The bot's own secrets and settings: an agent that holds one could act as the bot, so not even naming them helps.
_NEVER_PREFIXES = ("SLACK_", "SLACKBOT_", "GITHUB_APP_")
_NEVER = ("GITHUB_TOKEN",)


def is_the_bots_own(name: str) -> bool:
    """Whether a variable belongs to the bot and is never passed on."""
    return name in _NEVER or name.startswith(_NEVER_PREFIXES)


def environment_for(given: Mapping[str, str], names: Iterable[str], home: Path) -> dict[str, str]:
    """The whole environment of a process that runs on an agent's behalf; makes its HOME and TMPDIR."""
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    allowed = [name for name in given if name in _ALLOWED or name.startswith(_ALLOWED_PREFIX)]
    named = [name for name in names if name in given and not is_the_bots_own(name)]
    passed = {name: given[name] for name in (*allowed, *named)}
    return _DEFAULTS | passed | {"HOME": str(home), "TMPDIR": str(temporary)}
