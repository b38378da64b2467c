"""Speaks with the repository outside: what it holds, fetch, push, delete. Knows no workspaces."""

import re
from collections.abc import Sequence
from pathlib import Path

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import BaseMoved, RepoError
from slackbot.core.model import Frozen
from slackbot.repos import names
from slackbot.repos.command import Git, Output, Place

log = structlog.get_logger()

# A local origin may belong to another user; -c does not reach the process that git starts over there.
UPLOAD = "--upload-pack=git -c 'safe.directory=*' upload-pack"
RECEIVE = "--receive-pack=git -c 'safe.directory=*' receive-pack"
_FAULTS = (
    (r"[Aa]uthentication failed|could not read Username|terminal prompts disabled|403", "the bot may not read or write"
     " it; check its token"),
    (r"not found|does not exist|does not appear to be a git repository", "there is no git repository at its url;"
     " create it or correct the url in slackbot.toml"),
    (r"cannot lock ref|\.lock': File exists", "a lock file is in the way there; remove it if no git runs there"),
    (r"pre-receive hook declined|protected branch|hook declined", "its own rules refused the push; ask who keeps it"),
    (r"fsck|bad object|corrupt", "it holds objects that git takes for damaged; run git fsck there"),
)  # fmt: skip


class Standing(Frozen):
    """What an origin holds: the branch that HEAD names (None: it names none that is there), and every branch's SHA."""

    default: str | None
    heads: dict[str, str]


class Origin:
    """One repository outside. Blocking."""

    def __init__(self, repo: RepoConfig, git: Git, base_dir: Path) -> None:
        self._repo = repo
        self._git = git
        self._location = names.origin(repo, base_dir)

    def refuse_a_wrong_kind(self) -> None:
        """Raises RepoError for a path that is no repository, or that cannot be pushed to when its forge is local."""
        path = names.local_path(self._location)
        if path is None:
            return
        checked_out = (path / ".git").exists()
        if not checked_out and not ((path / "HEAD").is_file() and (path / "objects").is_dir()):
            raise self._error("refresh", "there is no git repository at its path; create it or correct the path")
        if checked_out and self._repo.forge == "local":
            reason = "it is a checkout, and landing needs a bare repository; make one with git clone --bare"
            raise self._error("refresh", reason)

    def standing(self) -> Standing:
        """What is there now. Raises RepoError when it cannot be reached."""
        argv = ["ls-remote", "--symref", UPLOAD, "--end-of-options", self._location, "HEAD", "refs/heads/*"]
        output = self._outside(argv, "refresh")
        lines = [line.split("\t") for line in output.text.splitlines()]
        heads = {name.removeprefix("refs/heads/"): sha for sha, name in lines if name.startswith("refs/heads/")}
        default = next((sha.removeprefix("ref: refs/heads/") for sha, _ in lines if sha.startswith("ref: ")), None)
        return Standing(default=default if default in heads else None, heads=heads)

    def default_branch(self) -> str:
        """The branch that HEAD names. Raises RepoError when the repository is empty or HEAD names nothing."""
        standing = self.standing()
        if not standing.heads:
            raise self._error("refresh", "it is empty; push a first commit to its default branch")
        if standing.default is None:
            reason = "it has no default branch; let its HEAD name a branch that exists (git symbolic-ref HEAD ...)"
            raise self._error("refresh", reason)
        return standing.default

    def fetch_into(self, mirror: Path) -> None:
        """Bring every branch of the origin under refs/remotes/origin; those that went there go here."""
        flags = ["--prune", "--no-tags", "--force", "--no-recurse-submodules", "--no-write-fetch-head", "--quiet"]
        refspec = "+refs/heads/*:refs/remotes/origin/*"
        argv = ["fetch", *flags, UPLOAD, "--end-of-options", self._location, refspec]
        self._outside(argv, "refresh", Place(git_dir=mirror))

    def push(self, mirror: Path, sha: str, branch: str, expected: str | None) -> None:
        """Put a commit on a branch when that is at `expected` (None: whatever it holds). Raises BaseMoved."""
        ref = f"refs/heads/{branch}"
        lease = "--force" if expected is None else f"--force-with-lease={ref}:{expected}"
        argv = ["push", "--quiet", "--no-verify", lease, RECEIVE, "--end-of-options", self._location, f"{sha}:{ref}"]
        output = self._git.run(argv, Place(git_dir=mirror), ok=(0, 1, 128))
        if output.code == 0:
            return
        there = self.standing().heads.get(branch)  # the reply may have been lost: what is there decides
        if there == sha:
            return
        if expected is not None and there != expected:
            raise BaseMoved(self._repo.name, "push", f"{branch} moved; the change must be checked on what is there now")
        raise self._translated(output, "push")

    def delete(self, mirror: Path, branch: str) -> None:
        """Delete a branch; one that is not there is fine."""
        if branch not in self.standing().heads:
            return
        argv = ["push", "--quiet", "--no-verify", RECEIVE, "--end-of-options", self._location, f":refs/heads/{branch}"]
        output = self._git.run(argv, Place(git_dir=mirror), ok=(0, 1, 128))
        if output.code != 0 and branch in self.standing().heads:
            raise self._translated(output, "delete a branch")

    def _outside(self, argv: Sequence[str], operation: str, place: Place = Place()) -> Output:  # noqa: B008 frozen
        output = self._git.run(argv, place, ok=(0, 1, 128))
        if output.code != 0:
            raise self._translated(output, operation)
        return output

    def _translated(self, output: Output, operation: str) -> RepoError:
        log.warning("origin_refused", repo=self._repo.name, operation=operation, stderr=output.err[-2000:])
        for pattern, reason in _FAULTS:
            if re.search(pattern, output.err):
                return self._error(operation, reason)
        reason = "it cannot be reached now; try again later"
        return RepoError(self._repo.name, operation, reason, retryable=True, unknown=True)

    def _error(self, operation: str, reason: str) -> RepoError:
        return RepoError(self._repo.name, operation, reason)
