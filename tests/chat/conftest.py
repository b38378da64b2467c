"""SlackChat on local Slack, over a real socket."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.chat.pacing import Timing
from slackbot.chat.slack import SlackChat
from slackbot.core.task import Thread
from slackbot.playground.model import Draft
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace
from tests.fakes.time import HastyTime

BOT, CHANNEL = "U0PITCREW", "C0INCIDENT"


class Clock:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 3, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def time() -> HastyTime:
    return HastyTime()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[LocalSlack]:
    workspace = Workspace(clock=clock)
    for user, name in (("U0ANN", "ann"), ("U0BEN", "ben"), ("U0CAT", "cat")):
        workspace.add_person(user, name)
    workspace.add_group("S0ONCALL", "oncall", ["U0ANN", "U0CAT"])
    workspace.add_channel(CHANNEL, "incidents", ["U0ANN", "U0BEN", BOT])
    workspace.add_channel("C0TEAM", "team", ["U0ANN", BOT])
    workspace.add_channel("C0ELSEWHERE", "elsewhere", ["U0ANN"])
    async with LocalSlack.running(workspace) as slack:
        slack.subscriptions = frozenset()  # nobody listens here
        yield slack


@pytest.fixture
async def thread(slack: LocalSlack) -> Thread:
    message = slack.workspace.post(Draft(channel=CHANNEL, user="U0ANN", text=f"<@{BOT}> payments hang"))
    return Thread(team=slack.workspace.team_id, channel=CHANNEL, ts=message.ts)


@pytest.fixture
async def client(slack: LocalSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session)


@pytest.fixture
def chat(client: AsyncWebClient, clock: Clock, time: HastyTime) -> SlackChat:
    return SlackChat(client, clock, timing=Timing(now=time.now, sleep=time.sleep), timeout_s=1.0)
