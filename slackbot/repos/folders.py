"""Where everything lies under the data directory, and how folders that an agent has had are thrown away."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from slackbot.core.config import RepoConfig
from slackbot.core.task import TaskId
from slackbot.repos import names


@dataclass(frozen=True)
class Folders:
    data_dir: Path

    @property
    def locks(self) -> Path:
        return self.data_dir / "locks"

    @property
    def scratch(self) -> Path:
        return self.data_dir / "scratch"

    def mirror(self, repo: RepoConfig) -> Path:
        return self.data_dir / "mirrors" / f"{names.folder(repo)}.git"

    def half_made_mirror(self, repo: RepoConfig) -> Path:
        return self.data_dir / "mirrors" / f"{names.folder(repo)}.git+making"

    @property
    def workspaces(self) -> Path:
        return self.data_dir / "workspaces"

    @property
    def indexes(self) -> Path:
        """The bot's own git directories and indexes for the workspaces: outside the box."""
        return self.data_dir / "indexes"

    @property
    def homes(self) -> Path:
        return self.data_dir / "homes"

    def workspace(self, repo: RepoConfig, task: TaskId, attempt: int) -> Path:
        return self.workspaces / names.attempt_folder(task, attempt) / names.folder(repo)

    def staging(self, repo: RepoConfig, task: TaskId, attempt: int) -> Path:
        return self.indexes / names.attempt_folder(task, attempt) / names.folder(repo)

    def home(self, task: TaskId, attempt: int) -> Path:
        return self.homes / names.attempt_folder(task, attempt)


def throw_away(path: Path) -> None:
    """Remove a folder whatever permissions its files have; one that is not there is fine. Follows no symlink."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        try:
            shutil.rmtree(path)
        except PermissionError:
            _make_writable(path)
            shutil.rmtree(path)


def forget_if_empty(path: Path) -> None:
    """Remove a folder that holds nothing any more."""
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()


def _make_writable(path: Path) -> None:
    path.chmod(0o700)
    for parent, folders, _ in os.walk(path):
        for name in folders:
            folder = Path(parent, name)
            if not folder.is_symlink():
                folder.chmod(0o700)
