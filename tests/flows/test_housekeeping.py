"""A night's housekeeping: what is old goes, what is in use stays, a part that fails stops no other."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from dbos import DBOS

from slackbot.core.config import AgentConfig, Config, RetentionConfig
from slackbot.core.request import MessageRequest
from slackbot.core.task import Task, TaskState
from slackbot.flows.calendar import Calendar
from slackbot.flows.housekeeping import due_date, housekeeping
from slackbot.store import inbox, tasks, work
from tests.fakes.origin import OriginRepo
from tests.flows.home import Home
from tests.flows.seed import a_change, a_task

S = TaskState


@pytest_asyncio.fixture(loop_scope="session")
async def kept(home: Home, tmp_path: Path) -> Home:
    origin = OriginRepo(tmp_path / "origin.git")
    repos = (origin.config(),)
    await home.furnish(Config(agents={"demo": AgentConfig(kind="demo")}, repos=repos, retention=RetentionConfig()))
    return home


async def keep_house(home: Home, day: str = "2026-11-20") -> None:
    await home.house.engine.start(housekeeping, f"housekeeping:{day}", day)
    await home.flow_ended(f"housekeeping:{day}")


async def with_workspace(home: Home, state: TaskState) -> tuple[Task, Path]:
    """A task with everything that an attempt leaves, as of now."""
    house, (repo,) = home.house, home.house.config.repos
    task = await a_task(home, state)
    await house.db.write(tasks.begin_attempt, task.id, 1, home.clock())
    await house.db.write(work.put_change, a_change(task), "the diff")
    base = await house.repos.refresh(repo)
    house.repos.home(task.id, 1)
    return task, await house.repos.prepare(repo, task.id, 1, base.sha)


async def test_what_a_crash_left_of_ended_tasks_goes_and_what_is_in_use_stays(kept: Home) -> None:
    _, left = await with_workspace(kept, S.FAILED)
    _, running = await with_workspace(kept, S.RUNNING)
    kept.clock.pass_by(days=1)
    _, fresh = await with_workspace(kept, S.CANCELLED)
    kept.clock.pass_by(days=1, hours=1)
    await keep_house(kept)
    assert not left.exists()
    assert running.exists()
    assert fresh.exists()
    (repo,) = kept.house.config.repos
    assert len(await kept.house.repos.attempts(repo)) == 2


async def test_old_texts_diffs_requests_and_flows_go(kept: Home) -> None:
    task, _ = await with_workspace(kept, S.DONE)
    request = MessageRequest(thread=task.thread, ts="1.0", author="U1", text="hello")
    newer = request.model_copy(update={"ts": "2.0"})
    await kept.house.db.write(inbox.keep, request, kept.clock())
    await kept.house.db.write(inbox.mark_handled, request.key, kept.clock())
    kept.clock.now = datetime.now(UTC)  # the engine dates flows by the real clock
    await keep_house(kept, "first")
    kept.clock.pass_by(days=400)
    await kept.house.db.write(inbox.keep, newer, kept.clock())
    await keep_house(kept, "second")
    assert await kept.house.db.read(work.diff_of, task.id, 1, task.repos[0]) is None
    assert await kept.house.db.read(inbox.get, request.key) is None
    assert await kept.house.db.read(inbox.get, newer.key) == newer
    assert [flow.workflow_id for flow in await DBOS.list_workflows_async()] == ["housekeeping:second"]


async def test_an_origin_that_is_gone_stops_nothing(kept: Home, tmp_path: Path) -> None:
    _, left = await with_workspace(kept, S.FAILED)
    (tmp_path / "origin.git").rename(tmp_path / "elsewhere.git")
    kept.clock.pass_by(days=3)
    await keep_house(kept)
    assert not left.exists()


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 20, 3, 29, tzinfo=UTC), date(2026, 11, 19)),
        (datetime(2026, 11, 20, 3, 30, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), date(2026, 11, 20)),
    ],
)
def test_a_date_s_housekeeping_begins_at_half_past_three(now: datetime, day: date) -> None:
    assert due_date(now) == day


async def test_the_calendar_starts_it_once_a_day(kept: Home) -> None:
    for _ in range(2):
        await Calendar(kept.house).look()
    kept.clock.pass_by(days=1)
    calendar = Calendar(kept.house)
    await calendar.look()
    await calendar.look()
    for day in ("2026-11-20", "2026-11-21"):
        await kept.flow_ended(f"housekeeping:{day}")
    known = await DBOS.list_workflows_async(name="housekeeping")
    assert sorted(flow.workflow_id for flow in known) == ["housekeeping:2026-11-20", "housekeeping:2026-11-21"]
