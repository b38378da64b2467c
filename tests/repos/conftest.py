"""An origin, repositories of the bot's own, and an attempt in progress: real git, tiny repositories."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.ports import Base, CommitMessage, Taken
from slackbot.core.task import TaskId
from slackbot.repos import GitRepos
from tests.fakes.origin import OriginRepo

T42 = TaskId(42)


class Ticking:
    """A clock that goes on by a minute with every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class AttemptInProgress:
    """Attempt T42-2 on one repository, as a flow drives it."""

    def __init__(self, repos: GitRepos, repo: RepoConfig) -> None:
        self.repos = repos
        self.repo = repo
        self.base = Base(branch="", sha="")
        self.path = repos.workspace(repo, T42, 2)

    async def start(self) -> "AttemptInProgress":
        self.base = await self.repos.refresh(self.repo)
        await self.repos.prepare(self.repo, T42, 2, self.base.sha)
        return self

    def write(self, name: str, content: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    async def take(self, *parents: str, base: str = "", subject: str = "Fix it") -> Taken | None:
        return await self.repos.take(
            self.repo,
            T42,
            2,
            base_sha=base or self.base.sha,
            parents=parents or (self.base.sha,),
            message=CommitMessage(subject=subject, co_author="Bo <bo@example.invalid>"),
        )

    async def taken(self, *parents: str, base: str = "") -> Taken:
        taken = await self.take(*parents, base=base)
        assert taken is not None
        return taken


@pytest.fixture
def origin(tmp_path: Path) -> OriginRepo:
    return OriginRepo(tmp_path / "origin.git")


@pytest.fixture
def repo(origin: OriginRepo) -> RepoConfig:
    return origin.config()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def repos(tmp_path: Path, data_dir: Path) -> Iterator[GitRepos]:
    repos = GitRepos(data_dir, tmp_path, clock=Ticking())
    yield repos
    repos.close()


@pytest.fixture
async def attempt(repos: GitRepos, repo: RepoConfig) -> AttemptInProgress:
    return await AttemptInProgress(repos, repo).start()


@pytest.fixture
def mirror(data_dir: Path) -> Path:
    return data_dir / "mirrors" / "shop+checkout.git"
