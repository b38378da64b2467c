"""Keeps a mirror small: packs it and deletes what nothing reaches. Refuses to know when that is due.

Whoever writes objects into a mirror holds its lock or that of a workspace which it lends to; `busy` tells of the
latter, so nothing is being written while this runs. What is lent is named by references, so it is reached.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.task import TaskId
from slackbot.repos import names
from slackbot.repos.command import Git
from slackbot.repos.folders import Folders
from slackbot.repos.mirror import Mirror

log = structlog.get_logger()


def maintain(git: Git, mirror: Mirror, unreachable_before: datetime) -> None:
    """Pack references and objects; drop unreachable objects older than that. Under all of the mirror's locks."""
    if not _has_something_loose(git, mirror):
        return
    date = f"@{int(unreachable_before.timestamp())} +0000"
    git.run(["pack-refs", "--all", "--prune"], mirror.place)
    git.run(["repack", "-A", "-d", "-l", "-q", f"--unpack-unreachable={date}"], mirror.place)
    git.run(["prune", f"--expire={date}"], mirror.place)
    log.info("mirror_maintained", mirror=mirror.path.name)


def _has_something_loose(git: Git, mirror: Mirror) -> bool:
    """Whether anything came since it was last packed."""
    lines = git.run(["count-objects", "-v"], mirror.place).text.splitlines()
    facts = {name: int(value) for name, value in (line.split(": ") for line in lines) if value.isdigit()}
    return facts["count"] > 0 or facts["packs"] > 1


def attempts_here(folders: Folders, mirror: Mirror, repo: RepoConfig) -> list[tuple[TaskId, int]]:
    """Attempts with a workspace of the repository, a home, or anything in its mirror."""
    found = {folder.parent.name for parent in (folders.workspaces, folders.indexes) for folder in _of(parent, repo)}
    found |= {home.name for home in folders.homes.glob("*")}
    found |= set(mirror.attempts()) if mirror.is_whole() else set()
    return sorted(attempt for attempt in map(names.attempt_of, found) if attempt)


def _of(parent: Path, repo: RepoConfig) -> Iterator[Path]:
    # Not a pattern: a repository's name may hold characters that glob takes for its own.
    return (folder for attempt in parent.glob("*") for folder in attempt.glob("*") if folder.name == names.folder(repo))
