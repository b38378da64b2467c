"""What every forge promises, on the fake and on the real ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.errors import BaseMoved, ForgeError
from slackbot.core.ports import CommitMessage, Forge, Proposal
from slackbot.core.task import PullRequest
from slackbot.forges import LocalForge
from slackbot.repos import GitRepos
from tests.fakes.forge import FakeForge
from tests.fakes.origin import OriginRepo
from tests.repos.conftest import Ticking

BRANCH = "pitcrew/T1-1"


class World:
    """A forge, a repository, and two heads on the branch. `move_base` is a push of somebody else."""

    def __init__(self, forge: Forge, origin: OriginRepo, repo: RepoConfig) -> None:
        self.forge = forge
        self.repo = repo
        self.base = origin.sha()
        self.first = origin.commit({"app.py": "first\n"}, branch="work")
        self.second = origin.commit({"app.py": "second\n"}, branch="work")
        self._origin = origin

    def move_base(self) -> None:
        moved = self._origin.commit({"other.py": "x\n"})
        if isinstance(self.forge, FakeForge):
            self.forge.bases[self.repo.name] = moved

    async def open(self, head: str) -> PullRequest:
        said = Proposal(branch=BRANCH, base_branch="main", base_sha=self.base, head_sha=head, title="T", body="B")
        return await self.forge.open(self.repo, said)

    async def land(self, shown: PullRequest, head: str) -> str:
        message = CommitMessage(subject="Land")
        facts = {"base_branch": "main", "base_sha": self.base}
        return await self.forge.land(self.repo, shown, **facts, head_sha=head, message=message)

    async def state(self, shown: PullRequest) -> str:
        return (await self.forge.look(self.repo, shown)).state


@pytest.fixture
def repos(tmp_path: Path) -> Iterator[GitRepos]:
    repos = GitRepos(tmp_path / "data", tmp_path, clock=Ticking())
    yield repos
    repos.close()


@pytest.fixture(params=["fake", "local"])
async def world(request: pytest.FixtureRequest, tmp_path: Path, repos: GitRepos) -> World:
    origin = OriginRepo(tmp_path / "origin.git")
    if request.param == "fake":
        return World(FakeForge(), origin, origin.config())
    made = World(LocalForge(tmp_path / "records", repos, lambda *_: None), origin, origin.config())
    await repos.refresh(made.repo)
    return made


async def test_an_open_one_is_adopted_and_follows_its_head(world: World) -> None:
    opened = await world.open(world.first)
    assert (opened.branch, opened.head_sha, opened.state) == (BRANCH, world.first, "open")
    adopted = await world.open(world.second)
    assert (adopted.id, adopted.head_sha) == (opened.id, world.second)
    assert (await world.forge.look(world.repo, opened)).head_sha == world.second


async def test_closing_twice_is_fine(world: World) -> None:
    shown = await world.open(world.first)
    for _ in range(2):
        await world.forge.close(world.repo, shown)
        assert await world.state(shown) == "closed"
    with pytest.raises(ForgeError):
        await world.land(shown, world.first)


async def test_landing_twice_gives_the_same_commit(world: World) -> None:
    shown = await world.open(world.first)
    landed = await world.land(shown, world.first)
    assert await world.land(shown, world.first) == landed
    assert await world.state(shown) == "merged"


async def test_what_was_merged_stays_merged(world: World) -> None:
    shown = await world.open(world.first)
    await world.land(shown, world.first)
    await world.forge.close(world.repo, shown)
    assert (await world.open(world.first)).state == await world.state(shown) == "merged"
    with pytest.raises(ForgeError, match="merged already"):
        await world.open(world.second)


async def test_a_head_that_was_not_approved_does_not_land(world: World) -> None:
    await world.open(world.first)
    shown = await world.open(world.second)
    with pytest.raises(ForgeError):
        await world.land(shown, world.first)
    assert await world.state(shown) == "open"


async def test_a_base_that_moved_is_told_apart(world: World) -> None:
    shown = await world.open(world.first)
    world.move_base()
    with pytest.raises(BaseMoved):
        await world.land(shown, world.first)
    assert await world.state(shown) == "open"


async def test_what_was_never_opened_is_an_error(world: World) -> None:
    unknown = PullRequest(id="x", url=None, branch="pitcrew/T9-9", head_sha=world.first)
    for call in (world.forge.look, world.forge.close):
        with pytest.raises(ForgeError):
            await call(world.repo, unknown)


async def test_the_fake_fails_on_request_and_remembers() -> None:
    forge = FakeForge()
    repo = RepoConfig(name="a/b", url="/x", forge="local", agent="demo")
    shown = PullRequest(id="x", url=None, branch=BRANCH, head_sha="1")
    forge.fail_next("close", ForgeError("fake", "close", "away", retryable=True))
    with pytest.raises(ForgeError, match="away"):
        await forge.close(repo, shown)
    assert forge.calls == [("close", "a/b", BRANCH)]
