"""The way in, in this process: Bolt, our middleware, the intake and its flows on a real database and engine.

Only Slack's side is missing; what a handler would get over the socket is handed to Bolt just the same.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select

import handlers
from slackbot.bundled import bundled
from slackbot.connection import Identity, answered, bolt
from slackbot.core.config import Config
from slackbot.core.request import Request
from slackbot.core.task import Decision, Task
from slackbot.flows.intake import Intake
from slackbot.settings import Settings
from slackbot.store import decisions, inbox
from slackbot.store.database import Transaction
from slackbot.store.migrate import upgrade
from slackbot.store.rows import as_task
from slackbot.store.tables import inbox as inbox_rows
from slackbot.store.tables import tasks as task_rows
from tests.faults.payloads import BOT, BOT_ID, TEAM, Json
from tests.flows.home import Home, Power, until

REPOS = [
    {"name": name, "url": "/nowhere", "forge": "local", "agent": "demo"} for name in ("acme/shop", "acme/site")
]  # fmt: skip
# Two repositories and no channels: every task waits for a person's choice, so that no agent runs here.
CONFIG = Config.model_validate({"agents": {"demo": {"kind": "demo"}}, "repos": REPOS})
AT_ONCE = 25


class Station:
    """`answers`: how often which status was answered. Everything here is called from outside the loop."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self._runner = asyncio.Runner()
        self._power = Power(url)
        self._home: Home
        self._door: asyncio.Task[None]
        self._app = bolt(AsyncWebClient("xoxb-1"), _settings(url, folder), Identity(TEAM, BOT, BOT_ID))
        self._receive = self._closed
        handlers.register(self._app, lambda request: self._receive(request), BOT, BOT_ID)
        self.answers: Counter[int] = Counter()

    async def _closed(self, request: Request) -> bool:
        raise RuntimeError("nobody is in")

    def open(self) -> None:
        self._runner.run(self._open())

    async def _open(self) -> None:
        self._home = Home(self._power, self._folder)
        house = await self._home.furnish(CONFIG)
        intake = Intake(house)
        self._receive = intake.receive
        self._door = asyncio.create_task(intake.run())

    def deliver(self, payloads: Iterable[Json]) -> None:
        """Hand the payloads to Bolt, several at a time."""
        self._runner.run(self._deliver(list(payloads)))

    async def _deliver(self, payloads: list[Json]) -> None:
        for start in range(0, len(payloads), AT_ONCE):
            given = payloads[start : start + AT_ONCE]
            self.answers.update(await asyncio.gather(*map(self._answer, given)))

    async def _answer(self, payload: Json) -> int:
        envelope = SocketModeRequest(type="events_api", envelope_id="1", payload=payload)
        return int((await answered(self._app, envelope)).status)

    def settle(self) -> None:
        """Let every flow come to its end."""
        self._runner.run(until(self._is_quiet, 60))

    async def _is_quiet(self) -> bool:
        if self._door.done():
            self._door.result()
        return not await self._home.house.db.read(inbox.unhandled)

    def look(self) -> "State":
        return self._runner.run(self._home.house.db.read(_state))

    def told(self) -> list[str]:
        """Everything that people were told in whichever way."""
        chat = self._home.chat
        return [told.text for told in chat.told] + [post.text for post in chat.posts]

    def close(self) -> None:
        self._runner.run(self._home.leave())

    def shut(self) -> None:
        self._runner.run(self._power.off())
        self._runner.close()


class State:
    """What the database holds."""

    def __init__(self, requests: list[Request], made: list[Task], decided: list[Decision]) -> None:
        self.requests, self.tasks, self.decisions = requests, made, decided


def _state(tx: Transaction) -> State:
    keys = tx.connection.execute(select(inbox_rows.c.key)).scalars()
    made = [as_task(row) for row in tx.connection.execute(select(task_rows).order_by(task_rows.c.id))]
    decided = [decision for task in made for decision in decisions.of_task(tx, task.id)]
    kept = [request for key in keys if (request := inbox.get(tx, key))]
    return State(kept, made, decided)


def _settings(url: str, folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "config_path": folder, "env_file": folder, "data_dir": folder, "database_url": url,
            "slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1",
        }
    )  # fmt: skip


@contextmanager
def station(url: str, folder: Path) -> Iterator[Station]:
    """A station on an empty database."""
    upgrade(url, bundled("migrations"))
    made = Station(url, folder)
    try:
        yield made
    finally:
        made.shut()
