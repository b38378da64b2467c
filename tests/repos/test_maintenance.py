"""A mirror is kept small, and nothing that somebody uses is taken away."""

import fcntl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.errors import RepoError
from slackbot.core.task import TaskId
from slackbot.repos import GitRepos
from tests.fakes.origin import OriginRepo, git
from tests.repos.conftest import T42, AttemptInProgress

LONG_AGO = datetime(2001, 9, 9, tzinfo=UTC)
TOMORROW = datetime(2100, 1, 1, tzinfo=UTC)


def has(mirror: Path, sha: str) -> bool:
    return git("cat-file", "--batch-check", cwd=mirror, stdin=f"{sha}\n".encode()).split()[1] != "missing"


def rewrite(origin: OriginRepo) -> str:
    """Somebody replaces the default branch by one that shares nothing with it; the old head."""
    old = origin.sha()
    tree = git("mktree", cwd=origin.path)
    new = git("commit-tree", tree, "-m", "anew", cwd=origin.path)
    git("update-ref", "refs/heads/main", new, cwd=origin.path)
    return old


async def test_a_workspace_in_use_survives_though_nothing_else_reaches_its_base(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    attempt.write("app.py", "changed\n")
    old = rewrite(origin)
    await attempt.repos.refresh(attempt.repo)
    await attempt.repos.maintain(attempt.repo, TOMORROW)
    assert git("log", "--format=%H", cwd=attempt.path) == old
    assert git("status", "--short", cwd=attempt.path) == "M app.py"
    taken = await attempt.taken()
    assert git("show", f"{taken.head_sha}:app.py", cwd=mirror) == "changed"
    assert git("fsck", "--full", "--connectivity-only", cwd=mirror) == ""


async def test_a_workspace_with_conflict_markers_survives(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    attempt.write("app.py", "mine\n")
    head = (await attempt.taken()).head_sha
    theirs = origin.commit({"app.py": "theirs\n"})
    await attempt.repos.refresh(attempt.repo)
    await attempt.repos.prepare_conflict(attempt.repo, T42, 2, theirs, head)
    await attempt.repos.maintain(attempt.repo, TOMORROW)
    assert "<<<<<<<" in git("diff", "HEAD", "--", "app.py", cwd=attempt.path)
    attempt.write("app.py", "both\n")
    assert (await attempt.taken(head, theirs, base=theirs)).stat.files == 1


async def test_a_dropped_attempt_leaves_no_objects(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    attempt.write("app.py", "changed\n")
    head = (await attempt.taken()).head_sha
    old = rewrite(origin)
    await attempt.repos.refresh(attempt.repo)
    await attempt.repos.drop(attempt.repo, T42, 2)
    assert has(mirror, head)
    await attempt.repos.maintain(attempt.repo, TOMORROW)
    assert not has(mirror, head)
    assert not has(mirror, old)
    assert has(mirror, origin.sha())


async def test_what_is_younger_than_the_grace_stays(attempt: AttemptInProgress, mirror: Path) -> None:
    attempt.write("app.py", "changed\n")
    head = (await attempt.taken()).head_sha
    await attempt.repos.drop(attempt.repo, T42, 2)
    await attempt.repos.maintain(attempt.repo, LONG_AGO)
    assert has(mirror, head)
    assert len(list((mirror / "objects/pack").glob("*.pack"))) == 1


async def test_nothing_is_touched_while_a_workspace_is_taken(
    attempt: AttemptInProgress, data_dir: Path, mirror: Path
) -> None:
    with (data_dir / "locks" / "T42-2+shop+checkout.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RepoError) as refused:
            await attempt.repos.maintain(attempt.repo, TOMORROW)
    assert refused.value.retryable
    await attempt.repos.maintain(attempt.repo, TOMORROW)


async def test_a_mirror_without_news_is_left_alone(repos: GitRepos, repo: RepoConfig, mirror: Path) -> None:
    await repos.maintain(repo, TOMORROW)  # no mirror yet
    await repos.refresh(repo)
    await repos.maintain(repo, TOMORROW)
    (pack,) = (mirror / "objects/pack").glob("*.pack")
    before = pack.stat().st_mtime_ns
    await repos.maintain(repo, TOMORROW)
    assert pack.stat().st_mtime_ns == before


async def test_the_attempts_that_are_here_are_found(attempt: AttemptInProgress, data_dir: Path) -> None:
    repos, repo = attempt.repos, attempt.repo
    assert await repos.attempts(repo) == [(T42, 2)]
    repos.home(TaskId(7), 1)
    await repos.set_branch(repo, "pitcrew/T8-3", attempt.base.sha)
    (data_dir / "workspaces" / "not ours").mkdir()
    assert await repos.attempts(repo) == [(7, 1), (8, 3), (42, 2)]
    for task, number in await repos.attempts(repo):
        await repos.drop(repo, task, number)
    assert await repos.attempts(repo) == []


async def test_the_origin_s_branches_are_told(attempt: AttemptInProgress, origin: OriginRepo) -> None:
    await attempt.repos.push(attempt.repo, attempt.base.sha, "pitcrew/T42-2", expected=None)
    assert await attempt.repos.heads(attempt.repo) == {"main": origin.sha(), "pitcrew/T42-2": origin.sha()}
    git("update-ref", "-d", "refs/heads/pitcrew/T42-2", cwd=origin.path)
    assert await attempt.repos.heads(attempt.repo) == {"main": origin.sha()}


def test_what_a_killed_comparison_left_in_scratch_goes(repos: GitRepos, data_dir: Path) -> None:
    left = data_dir / "scratch" / "tmp1" / "shown"
    left.mkdir(parents=True)
    repos.clear_scratch()
    repos.clear_scratch()
    assert not left.exists()
