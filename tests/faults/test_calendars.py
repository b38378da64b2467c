"""Two bots on one database whose calendars fire the same entry at once: every date has one summary."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta

import pytest

from slackbot.bundled import bundled
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace
from slackbot.store.migrate import upgrade
from tests.faults.story import keys_of
from tests.faults.waker import ENTRY, line_up, wake
from tests.postgres import SERVER, fresh_postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

# Around the end of summer time in Berlin.
DAYS = [date(2026, 10, 20) + timedelta(days=number) for number in range(10)]
EXECUTORS = ("bot-0", "bot-1")


@pytest.mark.skipif(not SERVER, reason="SLACKBOT_TEST_POSTGRES_URL is not set")
async def test_two_calendars_at_once_give_one_summary_a_day() -> None:
    workspace = Workspace()
    workspace.add_channel(ENTRY.channel, "team", (workspace.bot_user_id,))
    with fresh_postgres() as server:
        url = server.replace("postgresql://", "postgresql+psycopg://")
        await asyncio.to_thread(upgrade, url, bundled("migrations"))
        async with LocalSlack.running(workspace) as slack:
            slack.subscriptions = frozenset()  # nobody listens
            await _woken(url, slack)
    assert keys_of(workspace) == {f"summary:team:{day.isoformat()}": 1 for day in DAYS}


async def _woken(url: str, slack: LocalSlack) -> None:
    spawn, loop = multiprocessing.get_context("spawn"), asyncio.get_running_loop()
    start = spawn.Barrier(len(EXECUTORS))
    with ProcessPoolExecutor(len(EXECUTORS), mp_context=spawn, initializer=line_up, initargs=(start,)) as pool:
        given = (url, slack.api_url, slack.bot_token, DAYS)
        await asyncio.gather(*(loop.run_in_executor(pool, wake, executor, *given) for executor in EXECUTORS))
