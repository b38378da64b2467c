"""What was done by hand is taken over, what broke off is told, and nobody who decides meanwhile is overruled."""

from pathlib import Path

import pytest
import pytest_asyncio

from slackbot.core.config import AgentConfig, Config
from slackbot.core.errors import ChatError, ForgeError
from slackbot.core.ports import CommitMessage, Proposal
from slackbot.core.request import ButtonValue
from slackbot.core.task import Change, Task, TaskState
from slackbot.flows import decide, reconcile
from slackbot.store import tasks, work
from slackbot.store.database import Transaction
from tests.fakes.origin import OriginRepo, git
from tests.fakes.runner import Play
from tests.flows.home import Home, until
from tests.flows.seed import a_task

S = TaskState


class Scene:
    """A task whose change was pushed and proposed, on a real repository."""

    def __init__(self, home: Home, origin: OriginRepo) -> None:
        self.home, self.origin, self.repo = home, origin, origin.config()

    async def offered(self, state: TaskState = S.AWAITING_APPROVAL, name: str = "new.txt") -> tuple[Task, Change]:
        house, repo = self.home.house, self.repo
        task = await a_task(self.home, state, card_ts=None)
        base = await house.repos.refresh(repo)
        path = await house.repos.prepare(repo, task.id, 1, base.sha)
        (path / name).write_text("yes\n")
        message = CommitMessage(subject="Fix")
        taken = await house.repos.take(repo, task.id, 1, base_sha=base.sha, parents=(base.sha,), message=message)
        assert taken is not None
        await house.repos.push(repo, taken.head_sha, task.branch, expected=None)
        proposal = Proposal(
            branch=task.branch, base_branch=base.branch, base_sha=base.sha, head_sha=taken.head_sha, title="T", body="B"
        )  # fmt: skip
        change = Change(
            task=task.id, attempt=1, repo=repo.name, branch=task.branch, base_branch=base.branch, base_sha=base.sha,
            head_sha=taken.head_sha, diff_hash=taken.diff_hash, stat=taken.stat,
            pull_request=await house.forge(repo).open(repo, proposal),
        )  # fmt: skip
        await house.db.write(work.put_change, change, taken.diff)
        return await self.now(task), change

    async def now(self, task: Task) -> Task:
        return await self.home.house.db.read(tasks.get, task.id)

    async def change_of(self, task: Task) -> Change:
        return (await self.home.house.db.read(work.changes_of, task.id, 1))[0]

    def merge(self, change: Change) -> str:
        git("update-ref", "refs/heads/main", change.head_sha, cwd=self.origin.path)
        return change.head_sha


@pytest_asyncio.fixture(loop_scope="session")
async def scene(home: Home, tmp_path: Path) -> Scene:
    origin = OriginRepo(tmp_path / "origin.git")
    config = Config(agents={"demo": AgentConfig(kind="demo")}, repos=(origin.config(),))
    await home.furnish(config)
    return Scene(home, origin)


@pytest.mark.parametrize("state", [S.AWAITING_APPROVAL, S.BLOCKED])
async def test_a_merge_by_hand_ends_the_task_as_landed(scene: Scene, state: TaskState) -> None:
    task, change = await scene.offered(state)
    merged = scene.merge(change)
    await reconcile.reconcile(scene.home.house)
    now = await scene.now(task)
    assert (now.state, now.note) == (S.DONE, reconcile.MERGED)
    assert (await scene.change_of(task)).landed_sha == merged
    await until(lambda: scene.origin.branches() == ["main"])
    await until(lambda: not scene.home.house.repos.workspace(scene.repo, task.id, 1).exists())


async def test_a_merge_that_only_the_forge_knows_counts(scene: Scene) -> None:
    task, change = await scene.offered()
    squashed = scene.origin.commit({"new.txt": "yes\n"})
    shown = scene.home.forge.pull_requests[scene.repo.name, change.branch]
    merged = shown.model_copy(update={"state": "merged"})
    scene.home.forge.pull_requests[scene.repo.name, change.branch] = merged
    await reconcile.reconcile(scene.home.house)
    assert (await scene.now(task)).state is S.DONE
    assert (await scene.change_of(task)).landed_sha == squashed


async def test_a_pull_request_closed_by_hand_cancels_the_task(scene: Scene) -> None:
    task, change = await scene.offered()
    assert change.pull_request is not None
    await scene.home.forge.close(scene.repo, change.pull_request)
    await reconcile.reconcile(scene.home.house)
    now = await scene.now(task)
    assert (now.state, now.note) == (S.CANCELLED, reconcile.CLOSED)
    await until(lambda: scene.origin.branches() == ["main"])


async def test_a_deleted_branch_is_pushed_again(scene: Scene) -> None:
    task, change = await scene.offered()
    git("update-ref", "-d", f"refs/heads/{task.branch}", cwd=scene.origin.path)
    await reconcile.reconcile(scene.home.house)
    assert scene.origin.sha(task.branch) == change.head_sha
    assert (await scene.now(task)).state is S.AWAITING_APPROVAL


async def test_a_task_as_it_should_be_is_left_alone(scene: Scene) -> None:
    task, _ = await scene.offered()
    scene.origin.commit({"theirs.txt": "yes\n"})
    await reconcile.reconcile(scene.home.house)
    assert await scene.now(task) == task


async def test_one_task_that_cannot_be_looked_at_does_not_hide_the_others(scene: Scene) -> None:
    await scene.offered(name="one.txt")
    task, change = await scene.offered(name="two.txt")
    scene.home.forge.fail_next("look", ForgeError("fake", "look", "away"))
    git("update-ref", "-d", f"refs/heads/{task.branch}", cwd=scene.origin.path)
    await reconcile.reconcile(scene.home.house)
    assert scene.origin.sha(task.branch) == change.head_sha


async def test_who_decides_meanwhile_wins_and_its_branch_stays_away(scene: Scene) -> None:
    task, change = await scene.offered()
    house = scene.home.house
    base = await house.repos.refresh(scene.repo)
    value = ButtonValue(task=task.id, attempt=1, head_sha=change.head_sha)
    await house.db.write(decide.rework, house, value, "U2", "modal:1", "again")
    await until(lambda: scene.origin.branches() == ["main"])
    assert change.pull_request is not None
    scene.home.forge.pull_requests[scene.repo.name, change.branch] = change.pull_request  # as it stood before that
    await reconcile.settle(house, scene.repo, task, base, {})
    assert scene.origin.branches() == ["main"]
    scene.merge(change)
    await reconcile.settle(house, scene.repo, task, await house.repos.refresh(scene.repo), {})
    assert (await scene.now(task)).attempt == 2


@pytest.mark.parametrize(
    ("state", "target", "next_step"),
    [
        (S.QUEUED, S.FAILED, reconcile.RETRY),
        (S.RUNNING, S.FAILED, reconcile.RETRY),
        (S.LANDING, S.BLOCKED, reconcile.LAND_AGAIN),
    ],
)
async def test_work_that_no_flow_does_is_told_with_a_button(
    scene: Scene, state: TaskState, target: TaskState, next_step: str
) -> None:
    task = await a_task(scene.home, state)
    await reconcile.find_broken_off(scene.home.house)
    now = await scene.now(task)
    assert now.state is target
    assert next_step in now.note


async def test_work_that_goes_on_is_left_alone(scene: Scene) -> None:
    scene.home.runner.plays.append(Play(hang=True))
    task = await a_task(scene.home, S.QUEUED)
    await enqueue(scene, task)
    await until(scene.home.runner.hanging.is_set)
    await reconcile.find_broken_off(scene.home.house)
    assert (await scene.now(task)).state is S.RUNNING


async def test_work_that_waits_for_its_repository_s_place_is_left_alone(scene: Scene) -> None:
    house = scene.home.house
    house.config = house.config.model_copy(update={"repos": (scene.origin.config(max_attempts_running=1),)})
    task = await a_task(scene.home, S.QUEUED)
    await enqueue(scene, task)
    await reconcile.find_broken_off(house)
    assert (await scene.now(task)).state is S.QUEUED


async def test_work_that_ended_and_began_again_meanwhile_is_left_alone(scene: Scene) -> None:
    seen = await a_task(scene.home, S.RUNNING)
    house, at = scene.home.house, scene.home.clock()
    await house.db.write(tasks.move, seen.id, {S.RUNNING}, S.AWAITING_APPROVAL, at=at)
    await house.db.write(tasks.move, seen.id, {S.AWAITING_APPROVAL}, S.QUEUED, at=at)
    await house.db.write(tasks.move, seen.id, {S.QUEUED}, S.RUNNING, at=at)
    await reconcile.end_broken_off(house, seen)
    assert (await scene.now(seen)).state is S.RUNNING


async def enqueue(scene: Scene, task: Task) -> None:
    def query(tx: Transaction) -> None:
        decide.enqueue_attempt(tx, scene.home.house, task, "start")

    await scene.home.house.db.write(query)


async def test_deleted_cards_are_posted_anew_and_one_failure_stops_no_other(scene: Scene) -> None:
    first, second = [await a_task(scene.home, S.AWAITING_APPROVAL) for _ in range(2)]
    scene.home.chat.fail("update_card", ChatError("Slack", "chat.update", "refused"))
    await reconcile.repaint(scene.home.house)
    assert [card[-1].task.id for card in scene.home.chat.cards.values()] == [second.id]
    await reconcile.repaint(scene.home.house)
    assert {card[-1].task.id for card in scene.home.chat.cards.values()} == {first.id, second.id}
    assert len(scene.home.chat.cards) == 2
