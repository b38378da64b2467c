"""Turns names and addresses from outside into paths and argv parts that cannot be mistaken for anything else."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from slackbot.core.config import REPO_NAME, RepoConfig
from slackbot.core.errors import RepoError
from slackbot.core.task import TaskId

OURS = "pitcrew/"
_ATTEMPT = re.compile(r"T([0-9]{1,18})-([0-9]{1,9})")
_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_BRANCH_PART = re.compile(r"(?![.-])[A-Za-z0-9._+@=,~#%&!()-]*[A-Za-z0-9_+=)]")
_BRANCH_TRAPS = ("..", "@{", "~", "//")


def folder(repo: RepoConfig) -> str:
    """The repository's folder name; no name holds a '+', so two names never share one."""
    if not REPO_NAME.fullmatch(repo.name) or ".." in repo.name:
        raise RepoError(repo.name, "name", "is not a repository name; use letters, digits, '.', '_', '-' and '/'")
    return repo.name.replace("/", "+")


def attempt_folder(task: TaskId, attempt: int) -> str:
    return f"T{int(task)}-{int(attempt)}"


def attempt_of(folder: str) -> tuple[TaskId, int] | None:
    """The task and the number in an attempt's folder name; None for a name that is not ours."""
    found = _ATTEMPT.fullmatch(folder)
    return (TaskId(int(found[1])), int(found[2])) if found else None


def checked_sha(repo: RepoConfig, sha: str) -> str:
    if not _SHA.fullmatch(sha):
        raise RepoError(repo.name, "commit", f"{sha[:80]!r} is not a full commit id")
    return sha


def checked_branch(repo: RepoConfig, branch: str) -> str:
    """The branch, when git takes it for nothing but a branch: an allow list narrower than git check-ref-format."""
    good = all(_BRANCH_PART.fullmatch(part) and not part.endswith(".lock") for part in branch.split("/"))
    if not good or len(branch) > 200 or any(trap in branch for trap in _BRANCH_TRAPS):
        raise RepoError(repo.name, "branch", f"{branch[:80]!r} is not a branch name that the bot accepts; rename it")
    return branch


def origin(repo: RepoConfig, base_dir: Path) -> str:
    """Where the repository is, for git's command line: an https URL or an absolute path that exists."""
    parts = urlsplit(repo.url) if "://" in repo.url else None
    if parts is None:
        return str(_local(repo, repo.url, base_dir))
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return str(_local(repo, unquote(parts.path), base_dir))
    if parts.scheme == "https" and parts.hostname and re.fullmatch(r"[\x21-\x7e]+", repo.url):
        if parts.username or parts.password:
            raise _refused(repo, "its url carries a user name or password; take them out and use a token variable")
        return repo.url
    raise _refused(repo, "its url must be https://, file:// with a full path, or a path; change it in slackbot.toml")


def local_path(location: str) -> Path | None:
    """The path of an origin on this host; None when it is elsewhere."""
    return Path(location) if location.startswith("/") else None


def _local(repo: RepoConfig, text: str, base_dir: Path) -> Path:
    if "\0" in text or not text.strip():
        raise _refused(repo, "its url is not a path; change it in slackbot.toml")
    base = base_dir.resolve()
    path = (base / text).resolve()
    if not Path(text).is_absolute() and not path.is_relative_to(base):
        raise _refused(
            repo, f"its path {text!r} leaves the folder of slackbot.toml; write the full path if that is meant"
        )
    if not path.is_dir():
        raise _refused(repo, f"there is nothing at its path {text!r}; create the repository or correct the path")
    return path


def _refused(repo: RepoConfig, reason: str) -> RepoError:
    return RepoError(repo.name, "address", reason)
