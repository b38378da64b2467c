"""A small workspace, its local Slack, and the real clients on top of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace

BOT = "U0PITCREW"


class HandClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Bot:
    """A real Bolt app that remembers what reached its listeners. `broken`: its middleware fails, so it never acks."""

    def __init__(self, client: AsyncWebClient, app_token: str) -> None:
        self.app = AsyncApp(client=client, signing_secret="local-signing-secret")
        self.handler = AsyncSocketModeHandler(self.app, app_token, ping_interval=0.05)
        self.events: list[dict] = []
        self.clicks: list[dict] = []
        self.submissions: list[dict] = []
        self.errors: dict[str, str] = {}
        self.broken = 0
        self.app.use(self._maybe_fail)
        self.app.event("app_mention")(self._event)
        self.app.event("message")(self._event)
        self.app.action("approve")(self._click)
        self.app.view("rework")(self._submission)

    async def _maybe_fail(self, body, next):
        if self.broken:
            self.broken -= 1
            raise RuntimeError("the database is away")
        await next()

    async def _event(self, body) -> None:
        self.events.append(body)

    async def _click(self, ack, body) -> None:
        await ack()
        self.clicks.append(body)

    async def _submission(self, ack, body) -> None:
        self.submissions.append(body)
        await (ack(response_action="errors", errors=self.errors) if self.errors else ack())


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def workspace(clock: HandClock) -> Workspace:
    workspace = Workspace(clock=clock)
    for user, name in (("U1", "ada"), ("U2", "grace"), ("U3", "linus")):
        workspace.add_person(user, name)
    workspace.add_person("U9GONE", "gone", deleted=True)
    workspace.add_group("S1", "oncall", ["U1", "U3"])
    workspace.add_channel("C1", "incidents", ["U1", "U2", BOT])
    workspace.add_channel("C2", "elsewhere", ["U1"])
    workspace.add_channel("C3", "old", ["U1", BOT], archived=True)
    workspace.add_channel("C4", "secret", ["U1"], kind="private")
    return workspace


@pytest.fixture
async def slack(workspace: Workspace) -> AsyncIterator[LocalSlack]:
    async with LocalSlack.running(workspace) as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url)


@pytest.fixture
async def bot(slack: LocalSlack, client: AsyncWebClient) -> AsyncIterator[Bot]:
    bot = Bot(client, slack.app_token)
    await bot.handler.connect_async()
    await slack.until(lambda: slack.socket.connections == 1)
    yield bot
    await bot.handler.close_async()
