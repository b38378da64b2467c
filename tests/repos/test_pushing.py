"""What the bot puts at an origin, and what it never does there."""

import asyncio

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.errors import BaseMoved, RepoError
from slackbot.repos import names
from tests.fakes.origin import OriginRepo, git
from tests.repos.conftest import AttemptInProgress


@pytest.fixture
async def head(attempt: AttemptInProgress) -> str:
    attempt.write("app.py", "changed\n")
    return (await attempt.taken()).head_sha


async def test_a_branch_of_ours_is_pushed_replaced_and_deleted(
    attempt: AttemptInProgress, origin: OriginRepo, head: str
) -> None:
    repos, repo = attempt.repos, attempt.repo
    for sha in (head, head, attempt.base.sha):
        await repos.push(repo, sha, "pitcrew/T42-2", expected=None)
        assert origin.sha("pitcrew/T42-2") == sha
    for _ in range(2):
        await repos.delete_branch(repo, "pitcrew/T42-2")
        assert origin.branches() == ["main"]


async def test_a_push_goes_through_when_the_branch_is_where_it_was_expected(
    attempt: AttemptInProgress, origin: OriginRepo, head: str
) -> None:
    for _ in range(2):  # the second time it is there already
        await attempt.repos.push(attempt.repo, head, "main", expected=attempt.base.sha)
        assert origin.sha() == head


async def test_a_push_says_that_the_base_moved(attempt: AttemptInProgress, origin: OriginRepo, head: str) -> None:
    moved = origin.commit({"other.py": "x\n"})
    for _ in range(2):
        with pytest.raises(BaseMoved):
            await attempt.repos.push(attempt.repo, head, "main", expected=attempt.base.sha)
        assert origin.sha() == moved


async def test_a_push_to_a_branch_that_went_away_says_that_it_moved(
    attempt: AttemptInProgress, origin: OriginRepo, head: str
) -> None:
    git("update-ref", "-d", "refs/heads/main", cwd=origin.path)
    with pytest.raises(BaseMoved):
        await attempt.repos.push(attempt.repo, head, "main", expected=attempt.base.sha)


async def test_of_two_pushes_at_once_one_wins(attempt: AttemptInProgress, origin: OriginRepo, head: str) -> None:
    attempt.write("app.py", "changed otherwise\n")
    other = (await attempt.taken()).head_sha
    pushes = (attempt.repos.push(attempt.repo, sha, "main", expected=attempt.base.sha) for sha in (head, other))
    outcomes = await asyncio.gather(*pushes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [BaseMoved]
    assert origin.sha() in (head, other)


@pytest.mark.parametrize("expected", ["nothing", "head"])
async def test_a_branch_that_is_not_ours_is_never_rewritten(
    attempt: AttemptInProgress, origin: OriginRepo, head: str, expected: str
) -> None:
    await attempt.repos.push(attempt.repo, head, "main", expected=attempt.base.sha)
    lease = None if expected == "nothing" else head
    with pytest.raises(RepoError, match="would rewrite main"):
        await attempt.repos.push(attempt.repo, attempt.base.sha, "main", expected=lease)
    with pytest.raises(RepoError, match="delete it by hand"):
        await attempt.repos.delete_branch(attempt.repo, "main")
    assert origin.sha() == head


@pytest.mark.parametrize("branch", ["", "-f", "a..b", "a b", "x.lock", "a/-b", "a/.b", "a//b", "x:y", "a^", "@{-1}"])
def test_what_is_no_branch_name_is_refused(branch: str) -> None:
    repo = RepoConfig(name="a/b", url="/x", forge="local", agent="demo")
    with pytest.raises(RepoError, match="not a branch name"):
        names.checked_branch(repo, branch)


async def test_rules_of_the_origin_that_refuse_are_said(
    attempt: AttemptInProgress, origin: OriginRepo, head: str
) -> None:
    hook = origin.path / "hooks/pre-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RepoError, match="its own rules refused"):
        await attempt.repos.push(attempt.repo, head, "main", expected=attempt.base.sha)
    assert origin.sha() == attempt.base.sha


async def test_a_push_whose_reply_is_lost_is_looked_up(
    attempt: AttemptInProgress, origin: OriginRepo, head: str
) -> None:
    hook = origin.path / "hooks/post-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)
    await attempt.repos.push(attempt.repo, head, "main", expected=attempt.base.sha)
    assert origin.sha() == head
