"""One call to local Slack: whatever happens to it is an answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import SecretStr

from slackbot.doctor.line import Line
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace

SLACKS_TIME = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OUR_TIME = SLACKS_TIME + timedelta(hours=1)


@pytest.fixture
async def slack():
    async with LocalSlack.running(Workspace(clock=lambda: SLACKS_TIME)) as slack:
        yield slack


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


def line(session: aiohttp.ClientSession, slack: LocalSlack, token: str = "", limit_s: float = 5) -> Line:
    return Line(session, slack.api_url, SecretStr(token or slack.bot_token), lambda: OUR_TIME, limit_s=limit_s)


async def test_scopes_and_slacks_clock_come_with_the_answer(slack: LocalSlack, session) -> None:
    slack.web_api.scopes = frozenset({"chat:write", "users:read"})
    answer = await line(session, slack).ask("auth.test")
    assert (answer.error, answer.scopes) == ("", slack.web_api.scopes)
    assert (answer.slack_at, answer.received_at) == (SLACKS_TIME, OUR_TIME)


async def test_who_we_are_is_asked_once(slack: LocalSlack, session) -> None:
    asked = line(session, slack)
    assert (await asked.auth()) is (await asked.auth())
    assert len(slack.calls("auth.test")) == 1


async def test_a_scope_that_is_missing_is_what_slack_says(slack: LocalSlack, session) -> None:
    slack.web_api.scopes = frozenset({"channels:history"})
    answer = await line(session, slack).ask("conversations.info", channel="C1")
    assert (answer.error, answer.data["needed"]) == ("missing_scope", "channels:read,groups:read,im:read,mpim:read")


@pytest.mark.parametrize(
    ("plan", "error", "word"),
    [
        ("rate_limit", "ratelimited", ""),
        ("server_error", "no_answer", "HTTP 503"),
        ("hang", "no_answer", "within 0.2 s"),
        ("lose_reply", "no_answer", "ServerDisconnectedError"),
    ],
)
async def test_what_goes_wrong_is_an_answer_too(slack: LocalSlack, session, plan, error, word) -> None:
    getattr(slack.faults, plan)("auth.test")
    async with asyncio.timeout(2):
        answer = await line(session, slack, limit_s=0.2 if plan == "hang" else 5).ask("auth.test")
    assert answer.error == error and word in answer.reason


async def test_what_is_no_json_is_no_answer(slack: LocalSlack, session) -> None:
    slack.faults.server_error("auth.test", status=200)  # a proxy that says 200 in plain words
    answer = await line(session, slack).ask("auth.test")
    assert (answer.error, answer.reason) == ("no_answer", "what came is not JSON")


async def test_a_token_that_cannot_be_sent_is_told_as_such(slack: LocalSlack, session) -> None:
    answer = await line(session, slack, "xoxb-1\nxoxb-2").ask("auth.test")
    assert answer.error == "no_answer" and "line break" in answer.reason
