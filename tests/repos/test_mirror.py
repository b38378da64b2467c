"""Mirrors against real origins, whole and broken."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.errors import RepoError
from slackbot.repos import GitRepos
from slackbot.repos.command import Git
from slackbot.repos.locks import Locks
from tests.fakes.origin import OriginRepo, git
from tests.repos.conftest import T42, AttemptInProgress, Ticking


async def test_a_refresh_says_where_the_default_branch_stands_now(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo
) -> None:
    first = await repos.refresh(repo)
    assert (first.branch, first.sha) == ("main", origin.sha())
    moved = origin.commit({"app.py": "new\n"})
    assert (await repos.refresh(repo)).sha == moved


async def test_a_default_branch_of_another_name_is_found(repos: GitRepos, repo: RepoConfig, origin: OriginRepo) -> None:
    trunk = origin.commit({"a": "a\n"}, branch="team/trunk")
    git("symbolic-ref", "HEAD", "refs/heads/team/trunk", cwd=origin.path)
    base = await repos.refresh(repo)
    assert (base.branch, base.sha) == ("team/trunk", trunk)


async def test_a_pruning_refresh_keeps_the_branches_of_the_bot(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    origin.commit({"x": "x\n"}, branch="topic")
    attempt.write("app.py", "changed\n")
    taken = await attempt.taken()
    await attempt.repos.refresh(attempt.repo)
    git("update-ref", "-d", "refs/heads/topic", cwd=origin.path)
    await attempt.repos.refresh(attempt.repo)
    refs = git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/remotes", cwd=mirror)
    ours = f"refs/heads/pitcrew/T42-2 {taken.head_sha}"
    assert refs.splitlines() == [ours, f"refs/remotes/origin/main {origin.sha()}"]


async def test_many_refreshes_at_once_make_one_whole_mirror(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo, data_dir: Path
) -> None:
    found = await asyncio.gather(*(repos.refresh(repo) for _ in range(6)))
    assert {base.sha for base in found} == {origin.sha()}
    assert [path.name for path in (data_dir / "mirrors").iterdir()] == ["shop+checkout.git"]


async def test_refreshes_from_another_event_loop_wait_for_their_turn(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo
) -> None:
    def elsewhere() -> str:
        return asyncio.run(repos.refresh(repo)).sha

    found = await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(3)), repos.refresh(repo))
    assert found[0] == found[1] == found[2] == origin.sha()


HOLDER = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); input()"


async def test_a_lock_of_another_process_is_waited_for(tmp_path: Path) -> None:
    locks = Locks(tmp_path, wait_s=30)
    argv = [sys.executable, "-c", HOLDER, str(tmp_path / "key.lock")]
    other = await asyncio.create_subprocess_exec(*argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and await other.stdout.readline() == b"held\n"
    entered = threading.Event()
    waiting = asyncio.create_task(locks.alone("key", lambda _: entered.set()))
    await asyncio.wait({waiting}, timeout=0.1)
    assert not entered.is_set()
    await other.communicate(b"\n")
    await waiting
    assert entered.is_set()


async def test_a_lock_that_is_never_given_back_is_an_error_in_the_end(tmp_path: Path) -> None:
    with Locks(tmp_path, wait_s=0).file_lock("key"), pytest.raises(RepoError, match="try again later") as caught:
        await Locks(tmp_path, wait_s=0.05).alone("key", lambda _: None)
    assert caught.value.retryable


BOT = """
import sys
from pathlib import Path
from slackbot.repos.command import Git
from slackbot.repos.locks import Locks
with Locks(Path(sys.argv[1]), wait_s=1).file_lock("key") as lock_fd:
    Git().holding(lock_fd).run(["hash-object", sys.argv[2]])
"""


async def test_a_git_that_outlives_a_killed_bot_keeps_the_lock_until_it_ends(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", BOT, str(tmp_path), str(pipe))
    writer = await asyncio.to_thread(os.open, pipe, os.O_WRONLY)  # opens when git reads
    bot.kill()
    await bot.wait()
    with pytest.raises(RepoError):
        await Locks(tmp_path, wait_s=0).alone("key", lambda _: None)
    os.close(writer)
    assert await Locks(tmp_path, wait_s=30).alone("key", lambda _: "ours") == "ours"


async def test_a_half_made_mirror_is_made_again(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo, mirror: Path
) -> None:
    (mirror / "objects").mkdir(parents=True)
    aside = mirror.with_name("shop+checkout.git+making")
    (aside / "refs").mkdir(parents=True)
    (aside / "HEAD").write_text("half")
    (aside / "packed-refs").write_text("half")
    assert (await repos.refresh(repo)).sha == origin.sha()
    assert not aside.exists()


async def test_lock_files_of_a_killed_git_are_cleared(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path, data_dir: Path
) -> None:
    stale = [
        mirror / "packed-refs.lock",
        mirror / "refs/remotes/origin/main.lock",
        mirror / "refs/heads/pitcrew/T42-2.lock",
        data_dir / "indexes/T42-2/shop+checkout/index.lock",
    ]
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    moved = origin.commit({"app.py": "new\n"})
    assert (await attempt.repos.refresh(attempt.repo)).sha == moved
    attempt.write("more.py", "more\n")
    await attempt.taken()
    assert not any(path.exists() for path in stale)


BROKEN = {
    "missing": ("there is nothing at its path", {"url": "nowhere.git"}),
    "leaves": ("leaves the folder of slackbot.toml", {"url": "../other.git"}),
    "inside and gone": ("there is nothing at its path", {"url": "a/../b.git"}),
    "ssh": ("must be https", {"url": "ssh://git@example.invalid/x"}),
    "helper": ("there is nothing at its path", {"url": "ext::sh -c true"}),
    "option": ("there is nothing at its path", {"url": "--upload-pack=true"}),
    "secret": ("user name or password", {"url": "https://me:secret@example.invalid/x"}),
    "another host's file": ("must be https", {"url": "file://elsewhere/x"}),
}


@pytest.mark.parametrize(("sentence", "changes"), BROKEN.values(), ids=BROKEN)
async def test_an_address_that_cannot_be_used_is_named(
    repos: GitRepos, origin: OriginRepo, sentence: str, changes: dict[str, object]
) -> None:
    with pytest.raises(RepoError, match=sentence) as caught:
        await repos.refresh(origin.config(**changes))
    assert not caught.value.retryable
    assert "secret@" not in caught.value.sentence


@pytest.mark.parametrize("url", ["origin.git", "./sub/../origin.git", "file://{root}/origin.git", "{root}/origin.git"])
async def test_paths_and_file_urls_are_understood(
    repos: GitRepos, origin: OriginRepo, tmp_path: Path, url: str
) -> None:
    (tmp_path / "sub").mkdir()
    repo = origin.config(url=url.format(root=tmp_path))
    assert (await repos.refresh(repo)).sha == origin.sha()


async def test_an_empty_repository_is_refused_with_the_next_step(repos: GitRepos, tmp_path: Path) -> None:
    empty = OriginRepo(tmp_path / "empty.git", files={})
    with pytest.raises(RepoError, match="it is empty; push a first commit"):
        await repos.refresh(empty.config())


@pytest.mark.parametrize("head", ["ref: refs/heads/gone\n", "{sha}\n"], ids=["names nothing", "detached"])
async def test_a_repository_without_a_default_branch_is_refused(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo, head: str
) -> None:
    (origin.path / "HEAD").write_text(head.format(sha=origin.sha()))
    with pytest.raises(RepoError, match="no default branch"):
        await repos.refresh(repo)


async def test_a_checkout_is_refused_where_it_must_be_pushed_to(
    repos: GitRepos, origin: OriginRepo, tmp_path: Path
) -> None:
    git("clone", "--quiet", str(origin.path), str(tmp_path / "clone"), cwd=tmp_path)
    with pytest.raises(RepoError, match="bare repository"):
        await repos.refresh(origin.config(url="clone"))
    elsewhere = origin.config(name="other", url="clone", forge="github")
    assert (await repos.refresh(elsewhere)).sha == origin.sha()


async def test_a_folder_that_is_no_repository_is_refused(repos: GitRepos, origin: OriginRepo, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepoError, match="no git repository at its path"):
        await repos.refresh(origin.config(url="plain"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_a_repository_of_another_user_can_be_read_and_pushed_to(
    attempt: AttemptInProgress, origin: OriginRepo
) -> None:
    for path in (origin.path, *origin.path.rglob("*")):
        os.chown(path, 4242, 4242)
    await attempt.repos.refresh(attempt.repo)
    await attempt.repos.push(attempt.repo, attempt.base.sha, "pitcrew/T42-2", expected=None)
    await attempt.repos.delete_branch(attempt.repo, "pitcrew/T42-2")


async def test_an_origin_that_went_away_is_an_error_that_may_pass(
    attempt: AttemptInProgress, origin: OriginRepo
) -> None:
    shutil.rmtree(origin.path / "refs")
    with pytest.raises(RepoError):
        await attempt.repos.refresh(attempt.repo)


async def test_git_that_takes_too_long_is_ended(tmp_path: Path, repo: RepoConfig, data_dir: Path) -> None:
    impatient = GitRepos(data_dir, tmp_path, clock=Ticking(), git=Git(time_limit_s=0))
    with pytest.raises(RepoError, match="did not finish") as caught:
        await impatient.refresh(repo)
    assert caught.value.retryable


async def test_git_sees_nothing_of_the_environment_of_the_bot(
    monkeypatch: pytest.MonkeyPatch, repos: GitRepos, repo: RepoConfig, origin: OriginRepo, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "canary")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    seen = tmp_path / "seen"
    hook = origin.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nenv > {seen}\n")
    hook.chmod(0o755)
    base = await repos.refresh(repo)
    await repos.push(repo, base.sha, "pitcrew/T1-1", expected=None)
    assert "PATH=" in seen.read_text()
    assert "canary" not in seen.read_text()


async def test_calls_before_the_first_refresh_say_what_is_missing(repos: GitRepos, repo: RepoConfig) -> None:
    with pytest.raises(RepoError, match="there is no commit"):
        await repos.prepare(repo, T42, 1, "0" * 40)
    with pytest.raises(RepoError, match="not a full commit id"):
        await repos.prepare(repo, T42, 1, "--help")
