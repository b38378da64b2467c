"""The flows in one process: a real database and the real engine, Slack and the agent as fakes, a clock of the test's.

    async def test_something(home: Home) -> None:
        house = home.furnish(Config(...))
        await house.engine.start(...)
        await until(lambda: home.chat.posts)

The engine is launched once per test session, since ending it takes a second; `restart` does both.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from pathlib import Path

from dbos import DBOS, WorkflowHandleAsync
from sqlalchemy import create_engine, delete

from slackbot.app import FLOWS
from slackbot.bundled import bundled
from slackbot.core.config import Config
from slackbot.flows.cards import Painter
from slackbot.flows.engine import Engine
from slackbot.flows.house import House, Links, move_in
from slackbot.repos import GitRepos
from slackbot.skills import SkillFolder
from slackbot.store.database import Database
from slackbot.store.tables import metadata
from tests.fakes.chat import FakeChat
from tests.fakes.forge import FakeForge
from tests.fakes.runner import FakeRunner
from tests.fakes.sandbox import FakeSandbox

FRIDAY_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
PUBLIC_URL = "https://pitcrew.example"


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Power:
    """The engine on its database; on and off again as a bot that ends and starts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine | None = None
        self._before: set[asyncio.Task[object]] = set()

    async def on(self) -> Engine:
        if self.engine is None:
            self._before = asyncio.all_tasks()
            self.engine = Engine(self.url)
            await self.engine.launch(Config(), FLOWS)
        return self.engine

    async def off(self) -> None:
        if self.engine is not None:
            await self.cancel_flows()
            await asyncio.to_thread(self.engine.close)
            self.engine = None

    async def cancel_flows(self) -> None:
        """End every coroutine that began since the launch, as the bot does when it stops."""
        current = asyncio.current_task()
        begun = [task for task in asyncio.all_tasks() - self._before if task is not current]
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)

    async def forget(self) -> None:
        """Make the database as good as new."""
        known = await DBOS.list_workflows_async()
        await DBOS.delete_workflows_async([flow.workflow_id for flow in known])
        rows = create_engine(self.url)
        with rows.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        rows.dispose()


class Home:
    """What stays when the bot restarts: the outside world, the clock, the database."""

    def __init__(self, power: Power, data_dir: Path) -> None:
        self._power, self._data_dir = power, data_dir
        self.clock = Clock(FRIDAY_NINE)
        self.chat, self.runner, self.forge, self.sandbox = FakeChat(), FakeRunner(), FakeForge(), FakeSandbox()
        self.house: House

    async def furnish(self, config: Config, links: Links | None = None) -> House:
        """A house with this configuration, moved in."""
        self.house = House(
            config=config, db=Database(self._power.url), engine=await self._power.on(), chat=self.chat,
            repos=GitRepos(self._data_dir, self._data_dir, clock=self.clock), forges={"local": self.forge},
            runner=self.runner, sandbox=self.sandbox, skills=SkillFolder(bundled("skills")),
            links=links or Links(PUBLIC_URL), clock=self.clock,
        )  # fmt: skip
        Painter(self.house)
        move_in(self.house)
        return self.house

    async def restart(self) -> House:
        """The bot ends in the middle of everything, and starts again with the same configuration."""
        config, links = self.house.config, self.house.links
        await self._power.off()
        self.house.db.close()
        return await self.furnish(config, links)

    async def flow_ended(self, workflow_id: str) -> None:
        """Wait for the end of a flow, whoever started it. Raises what it raised."""
        handle: WorkflowHandleAsync[None] = await DBOS.retrieve_workflow_async(workflow_id)
        await handle.get_result(polling_interval_sec=0.01)

    async def leave(self) -> None:
        await self._power.on()
        await self._power.cancel_flows()
        self.house.db.close()
        move_in(None)
        await self._power.forget()


async def until(condition: Callable[[], object], timeout_s: float = 10) -> None:
    """Wait until the condition holds; it may be a coroutine function. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while True:
            holds = condition()
            if await holds if isawaitable(holds) else holds:
                return
            await asyncio.sleep(0.005)
