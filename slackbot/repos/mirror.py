"""A repository's bare mirror: made once, kept whole, its references and commits. Knows no Slack and no agent."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import RepoError
from slackbot.core.ports import Base, CommitMessage
from slackbot.repos import names
from slackbot.repos.command import Git, Place
from slackbot.repos.folders import throw_away
from slackbot.repos.origin import Origin

log = structlog.get_logger()

LENT = "refs/workspaces/"
PARTS = ("head", "tree")

CONFIG = """[core]
\trepositoryFormatVersion = 0
\tbare = true
\tsplitIndex = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""


class Mirror:
    """One bare repository of ours. Blocking; what changes references runs under the mirror's lock."""

    def __init__(self, repo: RepoConfig, git: Git, path: Path) -> None:
        self._repo = repo
        self._git = git
        self.path = path
        self.objects = path / "objects"
        self.place = Place(git_dir=path)

    def is_whole(self) -> bool:
        files, folders = ("HEAD", "config"), ("objects", "refs")
        return all((self.path / name).is_file() for name in files) and all(
            (self.path / name).is_dir() for name in folders
        )

    def refresh(self, origin: Origin, making: Path) -> Base:
        """Fetch, making the mirror first where there is none. Under the lock."""
        origin.refuse_a_wrong_kind()
        branch = names.checked_branch(self._repo, origin.default_branch())
        if self.is_whole():
            self._clear_stale_locks()
            origin.fetch_into(self.path)
        else:
            self._make(origin, making)
        (sha,) = self.find(f"refs/remotes/origin/{branch}")
        if sha is None:
            reason = "its default branch went away while it was read; try again"
            raise RepoError(self._repo.name, "refresh", reason, retryable=True)
        return Base(branch=branch, sha=sha)

    def find(self, *names: str) -> tuple[str | None, ...]:
        """The ids of these objects, in one call; None for what is not here."""
        asked = "".join(f"{name}\n" for name in names).encode()
        lines = self._git.run(["cat-file", "--batch-check=%(objectname)"], self.place, stdin=asked).text.splitlines()
        return tuple(None if " " in line else line for line in lines)

    def commits(self, *shas: str) -> tuple[str, ...]:
        """These commits, which are here. Raises RepoError when one is not."""
        return self._here(shas, "commit")

    def trees(self, *shas: str) -> tuple[str, ...]:
        """The trees of these commits, which are here. Raises RepoError when one is not."""
        return self._here(shas, "tree")

    def _here(self, shas: tuple[str, ...], kind: str) -> tuple[str, ...]:
        wanted = [f"{names.checked_sha(self._repo, sha)}^{{{kind}}}" for sha in shas]
        found = self.find(*wanted) if self.is_whole() else (None,) * len(shas)
        for sha, there in zip(shas, found, strict=True):
            if there is None:
                reason = f"there is no commit {sha[:12]} here; start the attempt again"
                raise RepoError(self._repo.name, "commit", reason)
        return tuple(there for there in found if there)

    def parents(self, sha: str) -> tuple[str, ...]:
        argv = ["rev-list", "--parents", "--max-count=1", "--end-of-options", names.checked_sha(self._repo, sha)]
        return tuple(self._git.run(argv, self.place).text.split()[1:])

    def contains(self, sha: str, ancestor: str) -> bool:
        """Whether one commit is reachable from another; an ancestor that is not here is reachable from nothing."""
        self.commits(sha)
        if self.find(f"{names.checked_sha(self._repo, ancestor)}^{{commit}}") == (None,):
            return False
        argv = ["merge-base", "--is-ancestor", "--end-of-options", ancestor, sha]
        return self._git.run(argv, self.place, ok=(0, 1)).code == 0

    def point(self, branch: str, sha: str) -> None:
        """Let a branch of ours name a commit. Under the lock."""
        self._clear_stale_locks()
        ref = f"refs/heads/{names.checked_branch(self._repo, branch)}"
        self._git.run(["update-ref", "--no-deref", "--end-of-options", ref, sha], self.place)

    def forget(self, branch: str, attempt: str) -> None:
        """Delete a branch of ours and what was lent to its attempt; what is not there is fine. Under the lock."""
        self._clear_stale_locks()
        ours = f"refs/heads/{names.checked_branch(self._repo, branch)}"
        gone = "".join(f"delete {ref}\n" for ref in (ours, *(f"{LENT}{attempt}/{part}" for part in PARTS)))
        self._git.run(["update-ref", "--no-deref", "--stdin"], self.place, stdin=gone.encode())

    def lend(self, attempt: str, sha: str, tree: str) -> None:
        """Name what an attempt's workspace borrows, so that no maintenance takes it away. Under the lock."""
        self._clear_stale_locks()
        lent = "".join(f"update {LENT}{attempt}/{part} {id}\n" for part, id in zip(PARTS, (sha, tree), strict=True))
        self._git.run(["update-ref", "--no-deref", "--stdin"], self.place, stdin=lent.encode())

    def borrowers(self) -> list[str]:
        """The attempts, as T42-2, whose workspaces borrow from here."""
        return sorted({ref.removeprefix(LENT).split("/")[0] for ref in self._refs(LENT)})

    def attempts(self) -> list[str]:
        """The attempts, as T42-2, that have anything here."""
        ours = {ref.removeprefix(f"refs/heads/{names.OURS}") for ref in self._refs(f"refs/heads/{names.OURS}")}
        return sorted(ours | set(self.borrowers()))

    def _refs(self, under: str) -> list[str]:
        return self._git.run(["for-each-ref", "--format=%(refname)", under], self.place).text.splitlines()

    def _make(self, origin: Origin, making: Path) -> None:
        """Make the mirror aside and rename it: whatever is killed half-way leaves nothing that looks whole."""
        throw_away(making)
        throw_away(self.path)
        lay_git_dir(making, CONFIG)
        origin.fetch_into(making)
        self._git.run(["pack-refs", "--all"], Place(git_dir=making))
        making.rename(self.path)
        log.info("mirror_made", repo=self._repo.name)

    def _clear_stale_locks(self) -> None:
        # We hold the lock that every git of ours keeps until it ends, so a lock file has no owner any more.
        for lock in (*self.path.glob("*.lock"), *(self.path / "refs").rglob("*.lock")):
            lock.unlink(missing_ok=True)
            log.warning("stale_lock_removed", repo=self._repo.name, lock=lock.name)


class Committer:
    """Makes commits that carry the bot's name and the clock's time."""

    def __init__(self, name: str, email: str, clock: Callable[[], datetime]) -> None:
        self._name = name
        self._email = email
        self._clock = clock

    def commit(self, git: Git, mirror: Mirror, tree: str, parents: tuple[str, ...], message: CommitMessage) -> str:
        """A new commit in the mirror that no branch names yet; the parents are there."""
        date = f"@{int(self._clock().timestamp())} +0000"
        env = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", self._name), ("EMAIL", self._email), ("DATE", date))
        }
        named = [part for parent in parents for part in ("-p", parent)]
        argv = ["commit-tree", *named, "-F", "-", tree]
        return git.run(
            argv, mirror.place, stdin=message.render().replace("\0", "").encode("utf-8", "replace"), env=env
        ).text


def lay_git_dir(path: Path, config: str, head: str = "refs/heads/none") -> None:
    """The least that git takes for a repository: no templates, no hooks."""
    for name in ("objects/info", "objects/pack", "refs/heads", "info"):
        (path / name).mkdir(parents=True, exist_ok=True)
    (path / "config").write_text(config)
    (path / "HEAD").write_text(f"ref: {head}\n")
