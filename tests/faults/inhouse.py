"""A stage whose bot lives in this process: everything is real but the socket to it and the time it takes to wait.

Waiting for Slack costs nothing here and a call's timeout is a third of a second, so that a hundred stories with a
fault in each are told in a minute.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from slackbot.app import FLOWS, furnish, migrated
from slackbot.chat import SlackChat, rate
from slackbot.chat.pacing import Timing
from slackbot.config_file import load_config
from slackbot.connection import answered, bolt, identify
from slackbot.flows.cards import Painter
from slackbot.flows.house import House, move_in
from slackbot.flows.intake import Intake
from slackbot.playground.deliveries import Deliveries, Delivery
from slackbot.settings import Settings
from tests.fakes.time import HastyTime
from tests.stage import Stage

TIMEOUT_S = 0.3
FORGETS_AFTER = timedelta(seconds=120)  # longer than anything that the bot looked up is remembered


class ByHand:
    """Deliveries' transport that hands each payload to Bolt, as the socket's handler does."""

    def __init__(self, app: AsyncApp, deliveries: Deliveries) -> None:
        self._app, self._deliveries = app, deliveries
        self._work: set[asyncio.Task[None]] = set()

    async def send(self, delivery: Delivery, envelope_id: str) -> None:
        self._deliveries.note_sent(delivery, envelope_id)
        handing = asyncio.create_task(self._hand(delivery, envelope_id))
        self._work.add(handing)
        handing.add_done_callback(self._work.discard)

    async def _hand(self, delivery: Delivery, envelope_id: str) -> None:
        envelope = SocketModeRequest(type=delivery.kind, envelope_id=envelope_id, payload=delivery.payload)
        if (await answered(self._app, envelope)).status == 200:
            self._deliveries.ack(envelope_id, {})


class HurryingClock:
    """The wall clock, pushed on when a test needs the bot to forget."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def hurry(self) -> None:
        self._ahead += FORGETS_AFTER


@dataclass
class InHouse:
    """A stage with the house that plays on it."""

    stage: Stage
    house: House
    painter: Painter
    client: AsyncWebClient
    clock: HurryingClock

    def forget(self) -> None:
        """A bot that has asked Slack nothing yet."""
        self.stage.slack.faults.clear()
        self.clock.hurry()
        time = HastyTime()
        self.house.chat = SlackChat(
            self.client, self.clock, timing=Timing(now=time.now, sleep=time.sleep), rates={"chat.update": rate(6000)},
            timeout_s=TIMEOUT_S,
        )  # fmt: skip

    async def sweep(self) -> None:
        """What the painter does every 15 s, at a time when a card's first try counts as given up."""
        self.clock.hurry()
        await self.painter.sweep()


@asynccontextmanager
async def moved_in(stage: Stage) -> AsyncIterator[InHouse]:
    """The house of a configured stage, at work; ended afterwards."""
    settings, config = _settings(stage), load_config(stage.folder / "slackbot.toml")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrated(settings)
    clock = HurryingClock()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(stage.slack.bot_token, base_url=stage.slack.api_url, session=session)
        house = furnish(settings, config, client, clock)
        home = InHouse(stage, house, Painter(house), client, clock)
        home.forget()
        door = Intake(house)
        identity = await identify(client)
        app = bolt(client, settings, identity)
        handlers.register(app, door.receive, identity.user, identity.bot)
        stage.slack.deliveries.transport = ByHand(app, stage.slack.deliveries)
        before = asyncio.all_tasks()
        move_in(house)
        await house.engine.launch(config, FLOWS)
        door_keeper = asyncio.create_task(door.run())
        try:
            yield home
        finally:
            door_keeper.cancel()
            await _leave(house, before)


async def _leave(house: House, before: set[asyncio.Task[object]]) -> None:
    ours = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    for task in ours:
        task.cancel()
    house.repos.close()  # type: ignore[attr-defined]
    await asyncio.gather(*ours, return_exceptions=True)
    await asyncio.to_thread(house.engine.close)
    house.db.close()
    move_in(None)


def _settings(stage: Stage) -> Settings:
    data = stage.folder / "data"
    return Settings.model_validate(
        {
            "config_path": stage.folder / "slackbot.toml", "env_file": stage.folder / ".env", "data_dir": data,
            "database_url": f"sqlite:///{data / 'slackbot.db'}", "slack_bot_token": stage.slack.bot_token,
            "slack_app_token": stage.slack.app_token, "slack_api_url": stage.slack.api_url,
        }
    )  # fmt: skip
