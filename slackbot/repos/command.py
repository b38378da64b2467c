"""Runs git with a fixed argv, a clean environment and a time limit; knows nothing of repositories or tasks."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import git
import structlog

from slackbot.core.errors import RepoError

log = structlog.get_logger()

PASSED_ON = frozenset(
    {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"}
)

# Whatever a repository or the host configures, these win: the command line is git's last word.
SETTINGS = {
    "advice.addEmbeddedRepo": "false",
    "commit.gpgSign": "false",
    "core.attributesFile": "/dev/null",
    "core.autocrlf": "false",
    "core.excludesFile": "/dev/null",
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.splitIndex": "false",
    "credential.helper": "",
    "diff.ignoreSubmodules": "all",
    "fetch.fsckObjects": "true",
    "fetch.fsck.zeroPaddedFilemode": "ignore",  # old, common and harmless; refusing it would lock out whole histories
    "gc.auto": "0",
    "index.version": "4",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "safe.directory": "*",
    "submodule.recurse": "false",
    "transfer.fsckObjects": "true",
}


@dataclass(frozen=True)
class Output:
    """How a git call ended. `out` is as git wrote it, `err` is for the log."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace").strip()


@dataclass(frozen=True)
class Place:
    """Where a call works: the git directory, and where they differ from it, work tree and object store."""

    git_dir: Path | None = None
    work_tree: Path | None = None
    objects: Path | None = None

    def options(self) -> list[str]:
        named = (("--git-dir", self.git_dir), ("--work-tree", self.work_tree))
        return [f"{option}={path}" for option, path in named if path is not None]


def clean_environment(passed_on: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a git call: nothing of the bot's own, and no configuration but ours."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "file:https",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_ADVICE": "0",
    } | {name: value for name, value in passed_on.items() if name in PASSED_ON}


@dataclass(frozen=True)
class Git:
    """Git as the bot runs it. Blocking: call it off the event loop."""

    passed_on: Mapping[str, str] = field(default_factory=dict)
    time_limit_s: float = 600
    lock_fd: int | None = None
    running: set[git.Git.AutoInterrupt] = field(default_factory=set, compare=False)  # shared by all copies

    def holding(self, lock_fd: int) -> "Git":
        """The same, with every git process keeping our file lock: it outlives a bot that is killed."""
        return replace(self, lock_fd=lock_fd)

    def run(
        self,
        argv: Sequence[str],
        place: Place = Place(),
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> Output:
        """Run one git command. Raises RepoError when its exit code is not in `ok` or its time is up."""
        process = self._start(argv, place, env or {})
        self.running.add(process)
        try:
            output = self._finish(argv[0], process, stdin)
        finally:
            self.running.discard(process)
        if output.code not in ok:
            log.warning("git_failed", command=argv[0], code=output.code, stderr=output.err[-2000:])
            reason = f"it ended with code {output.code}; the bot's log has the whole story"
            raise RepoError("git", argv[0], reason, retryable=output.code < 0, unknown=output.code < 0)
        return output

    def stop(self) -> None:
        """End every git process that runs now; whoever waits for one gets a retryable RepoError."""
        for process in list(self.running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)

    def _start(self, argv: Sequence[str], place: Place, env: Mapping[str, str]) -> git.Git.AutoInterrupt:
        objects = {"GIT_OBJECT_DIRECTORY": str(place.objects)} if place.objects else {}
        # GitPython adds its variables to the bot's own environment; env -i keeps the bot's away from git.
        variables = [f"{k}={v}" for k, v in (clean_environment(self.passed_on) | objects | dict(env)).items()]
        settings = [part for k, v in SETTINGS.items() for part in ("-c", f"{k}={v}")]
        program = shutil.which("git", path=os.defpath) or "git"
        command = [
            *("/usr/bin/env", "-i", *variables),
            *(program, "--no-pager", "--no-optional-locks", *settings, *place.options(), *argv),
        ]
        return git.Git(str(place.work_tree or "/")).execute(
            command,
            as_process=True,
            istream=subprocess.PIPE,
            start_new_session=True,
            pass_fds=() if self.lock_fd is None else (self.lock_fd,),
        )

    def _finish(self, command: str, process: git.Git.AutoInterrupt, stdin: bytes) -> Output:
        try:
            out, err = process.communicate(stdin, timeout=self.time_limit_s)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            reason = f"it did not finish in {self.time_limit_s:g} s; try again later"
            raise RepoError("git", command, reason, retryable=True, unknown=True) from error
        return Output(code=process.returncode, out=out, err=err.decode("utf-8", "replace"))
