"""How long a workspace of a large repository takes, beside a worktree of the same commit in a plain clone."""

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Figure, Lost, Reach
from bench.samples import median
from bench.size import Size
from slackbot.core.config import RepoConfig
from slackbot.core.task import TaskId
from slackbot.repos import GitRepos
from tests.fakes.origin import OriginRepo, git

TMPFS = Path("/dev/shm")
FILES_A_FOLDER = 100


async def figures(size: Size, folder: Path) -> list[Figure]:
    return [await _figure(size, name, place) for name, place in _places(folder)]


def _places(folder: Path) -> list[tuple[str, Path]]:
    """The disk, and memory where there is a file system in it."""
    usable = TMPFS.is_dir() and os.access(TMPFS, os.W_OK)
    return [("disk", folder), ("tmpfs", TMPFS)] if usable else [("disk", folder)]


async def _figure(size: Size, where: str, folder: Path) -> Figure:
    with TemporaryDirectory(dir=folder, prefix="pitcrew-bench-") as own:
        ours, plain = await _measure(size, Path(own))
    return Figure(
        name=f"workspace of {size.files:,} files, {where}", value=median(ours), unit="s", reference=median(plain),
        reference_name="git worktree add", reach=Reach(times=1.2),
        how=f"Median of {len(ours)}, taking turns; files of 20 to 1,000 bytes in folders of {FILES_A_FOLDER}.",
    )  # fmt: skip


async def _measure(size: Size, folder: Path) -> tuple[list[float], list[float]]:
    origin = await asyncio.to_thread(OriginRepo, folder / "origin.git", dict(_files(size.files)))
    repo = origin.config("bench/large")
    repos = GitRepos(folder / "data", folder, clock=lambda: datetime.now(UTC))
    ours, plain = [], []
    try:
        sha = (await repos.refresh(repo)).sha
        await asyncio.to_thread(git, "clone", "--quiet", "--bare", str(origin.path), "clone.git", cwd=folder)
        for number in range(size.repeats):
            ours.append(await _workspace_s(repos, repo, number + 1, sha, size.files))
            plain.append(await asyncio.to_thread(_worktree_s, folder, number, sha))
    finally:
        repos.close()
    return ours, plain


async def _workspace_s(repos: GitRepos, repo: RepoConfig, number: int, sha: str, files: int) -> float:
    began = time.perf_counter()
    path = await repos.prepare(repo, TaskId(number), 1, sha)
    took_s = time.perf_counter() - began
    found = sum(len(names) for folder, _, names in os.walk(path) if "/.git" not in folder)
    if found != files:
        raise Lost(f"the workspace holds {found} of {files} files")
    await repos.drop(repo, TaskId(number), 1)
    return took_s


def _worktree_s(folder: Path, number: int, sha: str) -> float:
    began, path = time.perf_counter(), folder / f"tree-{number}"
    git("worktree", "add", "--quiet", "--detach", str(path), sha, cwd=folder / "clone.git")
    took_s = time.perf_counter() - began
    git("worktree", "remove", "--force", str(path), cwd=folder / "clone.git")
    return took_s


def _files(number: int) -> Iterator[tuple[str, str]]:
    """Small sources, no two the same."""
    for place in range(number):
        name = f"part{place // FILES_A_FOLDER:03}/file{place}.py"
        yield name, f"value = {place}\n" * (1 + place % 60)
