"""Workspaces laid out, trees taken from them, conflicts solved in them, and everything thrown away again."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from slackbot.core.errors import RepoError
from slackbot.core.ports import CommitMessage, Conflict, Merged
from slackbot.core.task import DiffStat
from slackbot.repos import GitRepos
from tests.fakes.origin import OriginRepo, git
from tests.repos.conftest import T42, AttemptInProgress

MESSAGE = CommitMessage(subject="Merge it")


async def test_a_workspace_holds_the_files_and_a_repository_of_its_own(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    assert (attempt.path / "docs/notes.md").read_text() == "# Notes\n"
    assert git("status", "--short", "--branch", cwd=attempt.path) == "## pitcrew/T42-2"
    assert git("rev-parse", "HEAD", cwd=attempt.path) == origin.sha()
    assert (attempt.path / ".git").is_dir()
    assert str(mirror) not in git("config", "--list", "--show-origin", cwd=attempt.path)


async def test_the_agent_may_commit_in_its_own_repository_without_touching_the_mirror(
    attempt: AttemptInProgress, mirror: Path
) -> None:
    before = _files(mirror)
    attempt.write("app.py", "committed by the agent\n")
    git("commit", "--quiet", "--all", "--message=mine", cwd=attempt.path)
    assert _files(mirror) == before
    assert (await attempt.taken()).stat.files == 1


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_preparing_again_replaces_what_was_there(attempt: AttemptInProgress) -> None:
    attempt.write("left.over", "x")
    await attempt.repos.prepare(attempt.repo, T42, 2, attempt.base.sha)
    assert not (attempt.path / "left.over").exists()
    assert await attempt.take() is None


async def test_a_change_is_taken_as_a_commit_on_the_branch_in_the_mirror(
    attempt: AttemptInProgress, mirror: Path
) -> None:
    attempt.write("app.py", "one\nTWO\nthree\nfour\nfive\nsix\nseven\neight\n")
    attempt.write("new/file.txt", "a\nb\n")
    (attempt.path / "docs/notes.md").unlink()
    taken = await attempt.taken()
    assert taken.base_sha == attempt.base.sha
    assert taken.stat == DiffStat(files=3, added=3, removed=2)
    assert "+TWO" in taken.diff and "deleted file" in taken.diff
    assert git("rev-parse", "refs/heads/pitcrew/T42-2", cwd=mirror) == taken.head_sha
    said = git("log", "-1", "--format=%an <%ae>|%cn|%aI|%B", taken.head_sha, cwd=mirror)
    address = "pitcrew <pitcrew@users.noreply.invalid>|pitcrew|2026-11-20T09:01:00+00:00"
    assert said == f"{address}|Fix it\n\nCo-authored-by: Bo <bo@example.invalid>"


async def test_nothing_changed_gives_nothing(attempt: AttemptInProgress) -> None:
    assert await attempt.take() is None
    attempt.write("app.py", "changed\n")
    first = await attempt.taken()
    (attempt.path / "app.py").write_text("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n")
    assert await attempt.take(first.head_sha) is None


async def test_taking_the_same_files_again_gives_the_same_commit(attempt: AttemptInProgress) -> None:
    attempt.write("app.py", "changed\n")
    first = await attempt.taken()
    assert await attempt.taken() == first
    assert await attempt.taken(first.head_sha) == first


async def test_a_second_turn_adds_a_commit_to_the_first(attempt: AttemptInProgress, mirror: Path) -> None:
    attempt.write("app.py", "changed\n")
    first = await attempt.taken()
    attempt.write("b.py", "more\n")
    second = await attempt.taken(first.head_sha)
    assert git("rev-list", second.head_sha, cwd=mirror).split() == [second.head_sha, first.head_sha, attempt.base.sha]
    assert second.stat.files == 2


async def test_a_change_that_keeps_size_and_time_is_seen(attempt: AttemptInProgress) -> None:
    path = attempt.path / "app.py"
    before = path.stat()
    path.write_text(path.read_text().replace("one", "ONE"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (await attempt.taken()).stat == DiffStat(files=1, added=1, removed=1)


async def test_ignored_files_stay_out_of_the_change(attempt: AttemptInProgress) -> None:
    attempt.write(".gitignore", "build/\n")
    attempt.write("build/out.o", "x")
    git("init", "--quiet", "build/checkout", cwd=attempt.path)
    os.mkfifo(attempt.path / "build/pipe")
    os.mkfifo(attempt.path / "build/:(top)*")
    assert (await attempt.taken()).stat.files == 1


async def test_symlinks_are_taken_as_symlinks(attempt: AttemptInProgress, mirror: Path) -> None:
    (attempt.path / "passwd").symlink_to("/etc/passwd")
    (attempt.path / "etc").symlink_to("/etc")
    taken = await attempt.taken()
    assert git("show", f"{taken.head_sha}:passwd", cwd=mirror) == "/etc/passwd"
    assert taken.stat.files == 2


async def test_odd_names_are_taken(attempt: AttemptInProgress) -> None:
    os.close(os.open(os.fsencode(attempt.path) + b"/\xff\xfe", os.O_CREAT))
    for name in ("-rf", ":(top)x", "*", "a\nb", "ü"):
        attempt.write(name, "x\n")
    assert (await attempt.taken()).stat.files == 6


async def test_a_workspace_that_was_put_aside_for_a_symlink_is_not_read(
    attempt: AttemptInProgress, tmp_path: Path
) -> None:
    attempt.path.rename(tmp_path / "aside")
    attempt.path.symlink_to("/etc")
    with pytest.raises(RepoError, match="workspace is gone"):
        await attempt.take()


def _nested(path: Path) -> None:
    git("init", "--quiet", "vendor/lib", cwd=path)


def _nested_by_file(path: Path) -> None:
    (path / "docs/.git").write_text("gitdir: /elsewhere\n")


def _pipe(path: Path) -> None:
    os.mkfifo(path / "docs/pipe")


def _socket(path: Path) -> None:
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path)  # a socket's name is short
        try:
            listener.bind("s")
        finally:
            os.chdir(here)


@pytest.mark.parametrize(
    ("plant", "sentence"),
    [
        (_nested, "repositories inside the repository: vendor/lib; remove"),
        (_nested_by_file, "repositories inside the repository: docs; remove"),
        (_pipe, "pipes, sockets or devices among the files: docs/pipe; remove"),
        (_socket, "pipes, sockets or devices among the files: s; remove"),
    ],
)
async def test_what_is_not_plainly_files_is_refused(attempt: AttemptInProgress, plant: object, sentence: str) -> None:
    assert callable(plant)
    attempt.write("app.py", "changed\n")
    plant(attempt.path)
    with pytest.raises(RepoError, match=sentence):
        await attempt.take()


@pytest.fixture
async def with_submodule(repos: GitRepos, origin: OriginRepo) -> AttemptInProgress:
    feed = f"commit refs/heads/main\ncommitter A <a@b.invalid> 1 +0000\ndata 1\ns\nfrom {origin.sha()}\n"
    feed += f"M 160000 {'1' * 40} sub\n"
    git("fast-import", "--quiet", cwd=origin.path, stdin=feed.encode())
    return await AttemptInProgress(repos, origin.config()).start()


async def test_a_submodule_stays_as_it_was_when_its_folder_goes(with_submodule: AttemptInProgress) -> None:
    (with_submodule.path / "sub").rmdir()
    with_submodule.write("app.py", "changed\n")
    taken = await with_submodule.taken()
    assert taken.stat.files == 1 and "160000" not in taken.diff
    assert (await with_submodule.taken()).head_sha == taken.head_sha


async def test_a_repository_in_the_place_of_a_submodule_is_refused(with_submodule: AttemptInProgress) -> None:
    git("init", "--quiet", "sub", cwd=with_submodule.path)
    git("commit", "--quiet", "--allow-empty", "-mx", cwd=with_submodule.path / "sub")
    with pytest.raises(RepoError, match="repositories inside the repository: sub"):
        await with_submodule.take()


async def test_files_inside_a_submodule_are_not_taken(with_submodule: AttemptInProgress) -> None:
    with_submodule.write("sub/file", "x")
    assert await with_submodule.take() is None


async def test_a_file_in_the_place_of_a_submodule_is_refused(with_submodule: AttemptInProgress) -> None:
    (with_submodule.path / "sub").rmdir()
    with_submodule.write("sub", "x")
    with pytest.raises(RepoError, match="leave submodules as they were"):
        await with_submodule.take()


FILTER = '[filter "evil"]\n\tclean = touch {canary}-filter\n\tsmudge = touch {canary}-filter\n'
PLANTED = (
    FILTER
    + '[diff "evil"]\n\ttextconv = touch {canary}-textconv\n\tcommand = touch {canary}-diff\n'
    + '[merge "evil"]\n\tdriver = touch {canary}-merge\n'
    + "[core]\n\tfsmonitor = touch {canary}-fsmonitor\n\thooksPath = {hooks}\n"
    + "[uploadpack]\n\tpackObjectsHook = touch {canary}-pack\n"
)
ATTRIBUTES = "* filter=evil diff=evil merge=evil\n"
HOOKS = ("pre-commit", "post-checkout", "post-index-change", "reference-transaction", "pre-push", "fsmonitor-watchman")


def _plant(workspace: Path, canary: Path) -> None:
    hooks = workspace / ".git/hooks"
    hooks.mkdir()
    for name in HOOKS:
        (hooks / name).write_text(f"#!/bin/sh\ntouch {canary}-{name}\n")
        (hooks / name).chmod(0o755)
    with (workspace / ".git/config").open("a") as file:
        file.write(PLANTED.format(canary=canary, hooks=hooks))
    (workspace / ".gitattributes").write_text(ATTRIBUTES)


def _sung(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith("canary")}


async def test_nothing_that_the_agent_planted_runs(
    attempt: AttemptInProgress, origin: OriginRepo, tmp_path: Path
) -> None:
    _plant(attempt.path, tmp_path / "canary")
    attempt.write("app.py", "changed\n")
    taken = await attempt.taken()
    moved = origin.commit({"app.py": "theirs\n", "docs/notes.md": "x\n", ".gitattributes": ATTRIBUTES})
    await attempt.repos.refresh(attempt.repo)
    assert isinstance(await attempt.repos.merge(attempt.repo, moved, taken.head_sha, MESSAGE), Conflict)
    await attempt.repos.push(attempt.repo, taken.head_sha, "pitcrew/T42-2", expected=None)
    await attempt.repos.prepare_conflict(attempt.repo, T42, 2, moved, taken.head_sha)
    _plant(attempt.path, tmp_path / "canary")
    attempt.write("app.py", "solved\n")
    await attempt.taken(taken.head_sha, moved, base=moved)
    await attempt.repos.drop(attempt.repo, T42, 2)
    assert _sung(tmp_path) == set()


def test_the_planted_canaries_do_run_for_careless_git(tmp_path: Path) -> None:
    work = tmp_path / "work"
    git("init", "--quiet", "--template=", str(work), cwd=tmp_path)
    _plant(work, tmp_path / "canary")
    git("add", ".gitattributes", cwd=work)
    assert {"canary-filter", "canary-fsmonitor", "canary-post-index-change"} <= _sung(tmp_path)


async def test_a_conflict_is_laid_out_solved_and_taken_as_a_merge(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    attempt.write("app.py", "ours\n")
    head = (await attempt.taken()).head_sha
    base = origin.commit({"app.py": "theirs\n", "other.py": "x\n"})
    await attempt.repos.refresh(attempt.repo)
    assert await attempt.repos.merge(attempt.repo, base, head, MESSAGE) == Conflict(files=("app.py",))

    assert await attempt.repos.prepare_conflict(attempt.repo, T42, 2, base, head) == ("app.py",)
    assert (attempt.path / "other.py").exists()
    attempt.write("docs/more.md", "text\n")
    with pytest.raises(RepoError, match=r"conflict markers are left in app\.py; resolve"):
        await attempt.take(head, base, base=base)

    attempt.write("app.py", "both\n=======\nheading\n")
    taken = await attempt.taken(head, base, base=base)
    assert git("rev-list", "--parents", "-n1", taken.head_sha, cwd=mirror).split()[1:] == [head, base]
    assert (await attempt.taken(head, base, base=base)).head_sha == taken.head_sha
    assert taken.stat.files == 2


async def test_a_base_that_merges_cleanly_leaves_nothing_to_solve(
    attempt: AttemptInProgress, origin: OriginRepo, mirror: Path
) -> None:
    attempt.write("app.py", "ours\n")
    head = (await attempt.taken()).head_sha
    base = origin.commit({"other.py": "x\n"})
    await attempt.repos.refresh(attempt.repo)
    merged = await attempt.repos.merge(attempt.repo, base, head, MESSAGE)
    assert isinstance(merged, Merged)
    assert git("rev-list", "--parents", "-n1", merged.sha, cwd=mirror).split()[1:] == [base, head]
    assert await attempt.repos.prepare_conflict(attempt.repo, T42, 2, base, head) == ()
    assert (attempt.path / "other.py").exists() and (attempt.path / "app.py").read_text() == "ours\n"


async def test_dropping_leaves_nothing_and_may_be_repeated(
    attempt: AttemptInProgress, data_dir: Path, mirror: Path
) -> None:
    attempt.write("app.py", "changed\n")
    await attempt.taken()
    (attempt.repos.home(T42, 2) / "session").write_text("x")
    for _ in range(2):
        await attempt.repos.drop(attempt.repo, T42, 2)
        assert [path for name in ("workspaces", "indexes", "homes") for path in (data_dir / name).iterdir()] == []
        assert git("for-each-ref", "refs/heads", cwd=mirror) == ""


async def test_dropping_what_never_was_is_fine(attempt: AttemptInProgress) -> None:
    await attempt.repos.drop(attempt.repo.model_copy(update={"name": "never/seen"}), T42, 7)


AS_NOBODY = "import os, sys; from pathlib import Path; from slackbot.repos.folders import throw_away as gone; "
AS_NOBODY += "os.setuid(65534); gone(Path(sys.argv[1])); gone(Path(sys.argv[1]))"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_read_only_folders_are_thrown_away_without_being_root() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        top, folder = Path(name), Path(name, "attempt")
        (folder / "deep/er").mkdir(parents=True)
        (folder / "deep/er/file").write_text("x")
        (top / "kept").write_text("x")
        (folder / "deep/link").symlink_to(top)
        for path in (top, folder, folder / "deep", folder / "deep/er", folder / "deep/er/file"):
            os.chown(path, 65534, 65534)
        (folder / "deep/er").chmod(0o000)
        (folder / "deep").chmod(0o500)
        subprocess.run([sys.executable, "-c", AS_NOBODY, str(folder)], check=True)
        assert not folder.exists() and (top / "kept").exists()


async def test_two_attempts_of_one_repository_run_side_by_side(attempt: AttemptInProgress) -> None:
    paths = await asyncio.gather(
        *(attempt.repos.prepare(attempt.repo, T42, number, attempt.base.sha) for number in (3, 4, 5))
    )
    assert len(set(paths)) == 3
    assert all((path / "app.py").exists() for path in paths)


async def test_a_call_in_flight_at_the_end_of_the_bot_does_not_hold_it_up(
    attempt: AttemptInProgress, origin: OriginRepo
) -> None:
    hook = origin.path / "hooks/pre-receive"
    hook.parent.mkdir()
    started = origin.path / "started"
    os.mkfifo(started)
    hook.write_text(f"#!/bin/sh\necho > {started}\nexec sleep 20\n")
    hook.chmod(0o755)
    pushing = asyncio.create_task(attempt.repos.push(attempt.repo, attempt.base.sha, "pitcrew/T42-2", expected=None))
    await asyncio.to_thread(started.read_text)
    attempt.repos.close()
    with pytest.raises(RepoError) as caught:
        await pushing
    assert caught.value.retryable
    assert origin.branches() == ["main"]


def test_the_package_imports_without_a_home_or_a_git_configuration() -> None:
    env = {"PATH": os.defpath}
    subprocess.run([sys.executable, "-c", "import slackbot.repos"], env=env, cwd=Path.cwd(), check=True)
