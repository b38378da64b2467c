"""Keeps the records of local pull requests: one JSON file each. Knows nothing of git."""

import os
import re
import tempfile
from pathlib import Path

from slackbot.core.config import RepoConfig
from slackbot.core.errors import ForgeError
from slackbot.core.model import Frozen
from slackbot.core.task import PullRequest

_BRANCH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class Record(Frozen):
    """A pull request and what it says. `landing_sha`: the merge that was about to be pushed."""

    repo: str
    pull_request: PullRequest
    base_branch: str
    base_sha: str
    title: str
    body: str
    landing_sha: str | None = None
    landed_sha: str | None = None


class Records:
    """The records under one directory, by repository and branch. A file is whole or not there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, repo: RepoConfig, branch: str) -> Record | None:
        path = self._path(repo, branch)
        return Record.model_validate_json(path.read_bytes()) if path.is_file() else None

    def save(self, repo: RepoConfig, record: Record) -> Record:
        path = self._path(repo, record.pull_request.branch)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(record.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        _sync(path.parent)
        return record

    def _path(self, repo: RepoConfig, branch: str) -> Path:
        if not _BRANCH.fullmatch(branch):
            raise ForgeError("local", "look", f"{branch[:80]!r} is not a branch that a pull request can have")
        # Neither name can hold a '+', so no two pull requests share a file.
        return self._directory / repo.name.replace("/", "+") / f"{branch.replace('/', '+')}.json"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
