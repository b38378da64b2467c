"""One of two bots whose calendars wake at the same moment: its own engine, one database and one Slack for both."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.app import FLOWS
from slackbot.bundled import bundled
from slackbot.chat import SlackChat
from slackbot.core.calendar import due_on
from slackbot.core.config import Config, SummaryConfig
from slackbot.flows.calendar import Calendar
from slackbot.flows.engine import Engine
from slackbot.flows.house import House, move_in
from slackbot.repos import GitRepos
from slackbot.skills import SkillFolder
from slackbot.store import summaries
from slackbot.store.database import Database
from tests.fakes.forge import FakeForge
from tests.fakes.runner import FakeRunner
from tests.fakes.sandbox import FakeSandbox
from tests.faults.contender import Blindfold, nothing

ENTRY = SummaryConfig(name="team", channel="C0TEAM", at="09:00", timezone="Europe/Berlin", days="mon-sun")
PATIENCE_S = 30
_start: list[Barrier] = []


def line_up(start: Barrier) -> None:
    """The first thing in a process: where it waits for the other."""
    _start.append(start)
    structlog.configure(processors=[nothing])


def wake(executor: str, url: str, slack_url: str, token: str, days: Sequence[date]) -> None:
    """Fire the entry on each of these days, together with the other process, until the day is dealt with."""
    asyncio.run(_wake(executor, url, AsyncWebClient(token, base_url=slack_url), days))


async def _wake(executor: str, url: str, client: AsyncWebClient, days: Sequence[date]) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]

    def clock() -> datetime:
        return now[0]

    house = House(
        config=Config(summaries=(ENTRY,)), db=Database(url), engine=Engine(url, executor),
        forges={"local": FakeForge()}, chat=SlackChat(client, clock), repos=GitRepos(Path(), Path(), clock=clock),
        runner=FakeRunner(), sandbox=FakeSandbox(), skills=SkillFolder(bundled("skills")), clock=clock,
    )  # fmt: skip
    house.painter = Blindfold()
    move_in(house)
    await house.engine.launch(house.config, FLOWS)
    calendar = Calendar(house)
    for day in days:
        now[0] = due_on(ENTRY, day) + timedelta(seconds=1)
        _start[0].wait(PATIENCE_S)
        await calendar.fire(ENTRY)
        async with asyncio.timeout(PATIENCE_S):
            while not await house.db.read(summaries.is_recorded, ENTRY.name, day.isoformat()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    _start[0].wait(PATIENCE_S)  # nobody leaves while the other still posts
    await asyncio.to_thread(house.engine.close)
    house.db.close()
