"""Whether git is new enough and every repository can be worked on. Fetches nothing and leaves no mirror."""

import asyncio
import os
import re
from pathlib import Path

from slackbot.core.config import RepoConfig
from slackbot.core.errors import RepoError
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, split
from slackbot.repos import names
from slackbot.repos.command import Git, Place
from slackbot.repos.origin import Origin

GIT_LIMIT_S = 9.0
OLDEST_GIT = (2, 38)  # the first with `git merge-tree --write-tree`
INSTALL = "Install git 2.38 or newer in /usr/bin or /bin, where the bot looks for it."
LOOK = "Look at the repository's url in slackbot.toml, and try `git ls-remote` with it as the bot's user."
BARE = "Make a bare one with `git clone --bare` and name its path, or let url name a bare repository."
WRITABLE = "Give the bot's user the right to write there: it pushes branches."


async def git(_case: Case) -> Verdict:
    try:
        output = await asyncio.to_thread(Git(time_limit_s=GIT_LIMIT_S).run, ["version"])
    except (RepoError, OSError):
        return fault("git was not found, or does not run", INSTALL)
    return new_enough(output.text)


def new_enough(said: str) -> Verdict:
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None:
        return fault(f"git does not say its version: {said[:80]!r}", INSTALL)
    if (int(found[1]), int(found[2])) < OLDEST_GIT:
        return fault(f"{said} is too old to merge without a checkout", INSTALL)
    return ok(said)


async def repo(case: Case, config: RepoConfig) -> Verdict:
    return await asyncio.to_thread(_look, config, case.survey.config_path.parent)


def _look(config: RepoConfig, base_dir: Path) -> Verdict:
    runner = Git(time_limit_s=GIT_LIMIT_S)
    try:
        origin = Origin(config, runner, base_dir)
        origin.refuse_a_wrong_kind()
        branch = names.checked_branch(config, origin.default_branch())
        here = names.local_path(names.origin(config, base_dir))
        return (_local(runner, here, config.forge) if here else None) or ok(
            f"reachable, its default branch is {branch}"
        )
    except RepoError as error:
        return refused(error)


def _local(runner: Git, path: Path, forge: str) -> Verdict | None:
    """What only a repository on this machine shows; None: nothing is wrong with it."""
    if forge == "local":
        bare = runner.run(["rev-parse", "--is-bare-repository"], Place(git_dir=path)).text
        if bare != "true":
            return fault("it is not bare, and landing needs a bare repository", BARE)
    if not all(os.access(path / name, os.W_OK | os.X_OK) for name in ("objects", "refs") if (path / name).is_dir()):
        return fault("the bot may not write into it", WRITABLE)
    return None


def refused(error: RepoError) -> Verdict:
    """A RepoError says what happened and, after a semicolon, what to do."""
    said, step = split(error.reason, "; ", LOOK)
    return fault(said, LOOK if error.retryable else step[:1].upper() + step[1:])
