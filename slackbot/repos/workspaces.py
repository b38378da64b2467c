"""Lays out the checkout that an agent works in. The bot never runs git in it once the agent has been there."""

import os
import shutil

from slackbot.core.config import RepoConfig
from slackbot.core.task import TaskId, branch_name
from slackbot.repos import names
from slackbot.repos.command import Git, Place
from slackbot.repos.folders import Folders, throw_away
from slackbot.repos.mirror import Mirror, lay_git_dir

AGENTS_CONFIG = "[core]\n\trepositoryFormatVersion = 0\n\tbare = false\n\tlogAllRefUpdates = true\n[gc]\n\tauto = 0\n"
STAGING_CONFIG = "[core]\n\trepositoryFormatVersion = 0\n\tbare = false\n"
STANDS_AT = "pitcrew-stands-at"  # in the staging folder: the commit that the tree was laid out at or taken as last
CONFLICTS = "pitcrew-conflicts"  # in the staging folder: the files that had conflict markers, NUL between them


class Workspace:
    """One attempt's checkout of one repository. Blocking; under the workspace's lock."""

    def __init__(self, repo: RepoConfig, folders: Folders, task: TaskId, attempt: int) -> None:
        self.repo = repo
        self.branch = branch_name(task, attempt)
        self.path = folders.workspace(repo, task, attempt)
        self.staging = folders.staging(repo, task, attempt)
        self.name = names.attempt_folder(task, attempt)
        self.key = self.key_of(self.name, repo)

    @staticmethod
    def key_of(attempt: str, repo: RepoConfig) -> str:
        """What the lock of an attempt's workspace is called."""
        return f"{attempt}+{names.folder(repo)}"

    def place(self, mirror: Mirror) -> Place:
        """Where the tree is staged: the bot's git directory and index, the agent's files, the mirror's objects."""
        return Place(git_dir=self.staging, work_tree=self.path, objects=mirror.objects)

    def lay_out(self, git: Git, mirror: Mirror, head: str, tree: str) -> None:
        """A fresh checkout of `tree` in a repository of its own whose branch is at `head`; replaces what was there."""
        throw_away(self.staging)
        throw_away(self.path)
        self.path.mkdir(parents=True)
        lay_git_dir(self.staging, STAGING_CONFIG)
        # The index is renamed into place when every file is written, so an index means a whole checkout.
        git.run(["read-tree", "--reset", "-u", tree], self.place(mirror))
        self._lay_agents_repository(mirror, head)
        self.stand_at(head)

    def stand_at(self, sha: str) -> None:
        """Note which commit the tree belongs to."""
        (self.staging / STANDS_AT).write_text(sha)

    def stands_at(self) -> str | None:
        """The commit that the tree belongs to; None when it is not there whole, or holds a merge being solved."""
        note = self.staging / STANDS_AT
        whole = self.is_there() and note.exists() and not self.noted_conflicts()
        return note.read_text() if whole else None

    def throw_away(self) -> None:
        throw_away(self.staging)
        throw_away(self.path)

    def _lay_agents_repository(self, mirror: Mirror, head: str) -> None:
        own = self.path / ".git"
        lay_git_dir(own, AGENTS_CONFIG, f"refs/heads/{self.branch}")
        (own / "objects/info/alternates").write_text(f"{mirror.objects.resolve()}\n")
        branch = own / "refs/heads" / self.branch
        branch.parent.mkdir(parents=True, exist_ok=True)
        branch.write_text(f"{head}\n")
        shutil.copyfile(self.staging / "index", own / "index")

    def note_conflicts(self, paths: tuple[bytes, ...]) -> None:
        (self.staging / CONFLICTS).write_bytes(b"\0".join(paths))

    def noted_conflicts(self) -> tuple[str, ...]:
        note = self.staging / CONFLICTS
        text = note.read_bytes() if note.is_file() else b""
        return tuple(os.fsdecode(path) for path in text.split(b"\0")) if text else ()

    def is_there(self) -> bool:
        """Whether it was laid out to the end and nobody put something else in its place."""
        real = self.path.is_dir() and self.path.resolve() == self.path.parent.resolve() / self.path.name
        return real and not self.path.is_symlink() and (self.staging / "index").is_file()
