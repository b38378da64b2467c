"""LocalForge against real git: what landing does to the bare repository, also after a crash."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from slackbot.core.errors import BaseMoved, ForgeError
from slackbot.core.ports import CommitMessage, Merged, Proposal
from slackbot.core.task import PullRequest
from slackbot.forges import LocalForge
from slackbot.repos import GitRepos
from tests.fakes.origin import OriginRepo, git
from tests.repos.conftest import AttemptInProgress, Ticking

MESSAGE = CommitMessage(subject="Land T42", body="Approved by Bo")
BRANCH = "pitcrew/T42-2"


class Story:
    """A change that was taken, pushed and proposed."""

    def __init__(self, attempt: AttemptInProgress, origin: OriginRepo, records: Path) -> None:
        self.attempt = attempt
        self.origin = origin
        self.records = records
        self.forge = LocalForge(records, attempt.repos, lambda name, branch: f"http://page/{name}/{branch}")
        self.head = ""

    async def propose(self) -> PullRequest:
        self.attempt.write("app.py", "changed\n")
        self.head = (await self.attempt.taken()).head_sha
        return await self.push_and_open(self.head)

    async def push_and_open(self, head: str) -> PullRequest:
        await self.attempt.repos.push(self.attempt.repo, head, BRANCH, expected=None)
        proposal = Proposal(
            branch=BRANCH, base_branch="main", base_sha=self.attempt.base.sha, head_sha=head, title="Fix", body="Why"
        )
        return await self.forge.open(self.attempt.repo, proposal)

    async def land(self, shown: PullRequest, *, base: str = "", head: str = "") -> str:
        return await self.forge.land(
            self.attempt.repo,
            shown,
            base_branch="main",
            base_sha=base or self.attempt.base.sha,
            head_sha=head or shown.head_sha,
            message=MESSAGE,
        )

    def record(self) -> Path:
        return self.records / "shop+checkout" / "pitcrew+T42-2.json"


@pytest.fixture
def repos(tmp_path: Path) -> Iterator[GitRepos]:
    repos = GitRepos(tmp_path / "data", tmp_path, clock=Ticking())
    yield repos
    repos.close()


@pytest.fixture
async def story(tmp_path: Path, repos: GitRepos) -> Story:
    origin = OriginRepo(tmp_path / "origin.git")
    attempt = await AttemptInProgress(repos, origin.config()).start()
    return Story(attempt, origin, tmp_path / "records")


async def test_landing_merges_the_approved_head_into_the_default_branch(story: Story) -> None:
    shown = await story.propose()
    assert shown.url == f"http://page/shop/checkout/{BRANCH}"
    landed = await story.land(shown)
    assert story.origin.sha() == landed
    assert story.origin.parents(landed) == [story.attempt.base.sha, story.head]
    assert story.origin.show("app.py") == "changed"
    assert story.origin.subjects()[0] == "Land T42"
    kept = json.loads(story.record().read_text())
    assert (kept["landed_sha"], kept["pull_request"]["state"], kept["body"]) == (landed, "merged", "Why")


async def test_a_head_that_holds_the_moved_base_lands_as_it_is(story: Story) -> None:
    await story.propose()
    moved = story.origin.commit({"other.py": "x\n"})
    await story.attempt.repos.refresh(story.attempt.repo)
    merged = await story.attempt.repos.merge(story.attempt.repo, moved, story.head, MESSAGE)
    assert isinstance(merged, Merged)
    landed = await story.land(await story.push_and_open(merged.sha), base=moved)
    assert story.origin.parents(landed) == [moved, merged.sha]
    trees = {git("rev-parse", f"{sha}^{{tree}}", cwd=story.origin.path) for sha in (landed, merged.sha)}
    assert len(trees) == 1


async def test_a_base_that_moved_is_said_and_nothing_lands(story: Story) -> None:
    shown = await story.propose()
    moved = story.origin.commit({"other.py": "x\n"})
    with pytest.raises(BaseMoved):
        await story.land(shown)
    assert story.origin.sha() == moved
    assert (await story.forge.look(story.attempt.repo, shown)).state == "open"


async def test_a_base_that_moves_in_the_last_moment_is_said(story: Story, tmp_path: Path) -> None:
    shown = await story.propose()
    hook = story.origin.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    other = story.origin.commit({"o": "o\n"}, branch="other")
    mark = tmp_path / "once"
    # Git forbids reference updates inside the quarantine; a person's push runs outside of it.
    move = f"env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {other}"
    hook.write_text(f"#!/bin/sh\n[ -e {mark} ] || {{ touch {mark}; {move}; }}\n")
    hook.chmod(0o755)
    with pytest.raises(BaseMoved):
        await story.land(shown)
    assert story.origin.sha() == other


async def test_a_crash_between_push_and_record_lands_once(story: Story) -> None:
    shown = await story.propose()
    before = story.record().read_text()
    landed = await story.land(shown)
    half = json.loads(before) | {"landing_sha": landed}
    story.record().write_text(json.dumps(half))
    story.origin.commit({"later.py": "x\n"})
    assert await story.land(shown) == landed
    assert story.origin.subjects().count("Land T42") == 1
    assert (await story.forge.look(story.attempt.repo, shown)).state == "merged"


async def test_a_head_that_somebody_else_merged_is_adopted(story: Story) -> None:
    shown = await story.propose()
    git("update-ref", "refs/heads/main", story.head, cwd=story.origin.path)
    assert await story.land(shown) == story.head
    assert story.origin.sha() == story.head


async def test_a_merge_that_conflicts_names_the_files(story: Story) -> None:
    shown = await story.propose()
    moved = story.origin.commit({"app.py": "theirs\n"})
    with pytest.raises(ForgeError, match=r"conflicts with main in app\.py"):
        await story.land(shown, base=moved)
    assert story.origin.sha() == moved


async def test_trouble_in_git_leaves_as_the_error_of_a_forge(story: Story) -> None:
    shown = await story.propose()
    (story.origin.path / "HEAD").unlink()
    with pytest.raises(ForgeError, match="no git repository"):
        await story.land(shown)


async def test_records_are_whole_files_and_stay_in_their_folder(story: Story) -> None:
    shown = await story.propose()
    assert [path.name for path in story.record().parent.iterdir()] == ["pitcrew+T42-2.json"]
    for branch in ("../../x", "/etc/x", "a+b", ""):
        with pytest.raises(ForgeError, match="not a branch"):
            await story.forge.look(story.attempt.repo, shown.model_copy(update={"branch": branch}))
