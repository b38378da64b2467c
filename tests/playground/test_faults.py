"""Faults on request, as the real AsyncWebClient meets them."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.server import LocalSlack


def texts(slack: LocalSlack) -> list[str]:
    return [message.text for message in slack.workspace.messages.in_channel("C1")]


@pytest.fixture
def patient(slack: LocalSlack) -> AsyncWebClient:
    """A client that never repeats a call by itself."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def test_a_rate_limit_has_retry_after_and_no_effect(slack: LocalSlack, patient) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after_s=7)
    with pytest.raises(SlackApiError) as caught:
        await patient.chat_postMessage(channel="C1", text="x")
    assert caught.value.response.status_code == 429 and caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited" and texts(slack) == []
    await patient.chat_postMessage(channel="C1", text="x")
    assert texts(slack) == ["x"]


async def test_slacks_own_retry_handler_understands_the_rate_limit(slack: LocalSlack) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after_s=0)
    handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=handlers)
    await client.chat_postMessage(channel="C1", text="x")
    assert [call.fault for call in slack.calls("chat.postMessage")] == ["rate_limited", None]


async def test_a_server_error_is_not_json(slack: LocalSlack, patient) -> None:
    slack.faults.server_error("chat.postMessage", status=502)
    with pytest.raises(SlackApiError) as caught:
        await patient.chat_postMessage(channel="C1", text="x")
    assert caught.value.response.status_code == 502 and texts(slack) == []


async def test_an_error_code_can_be_asked_for(slack: LocalSlack, patient) -> None:
    slack.faults.error("users.info", "account_inactive", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="account_inactive"):
            await patient.users_info(user="U1")
    assert slack.faults.pending("users.info") == 0 and (await patient.users_info(user="U1"))["ok"]


async def test_a_lost_reply_leaves_exactly_one_post(slack: LocalSlack, patient) -> None:
    slack.faults.lose_reply("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await patient.chat_postMessage(channel="C1", text="once")
    assert texts(slack) == ["once"]


async def test_slacks_default_client_posts_twice_after_a_lost_reply(slack: LocalSlack, client) -> None:
    slack.faults.lose_reply("chat.postMessage")
    await client.chat_postMessage(channel="C1", text="again")
    assert texts(slack) == ["again", "again"]


async def test_a_call_that_hangs_is_never_answered_and_has_no_effect(slack: LocalSlack) -> None:
    slack.faults.hang("chat.postMessage")
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, timeout=10, retry_handlers=[])
    call = asyncio.create_task(client.chat_postMessage(channel="C1", text="x"))
    await slack.until(lambda: slack.calls("chat.postMessage"))
    assert not call.done() and texts(slack) == []
    await slack.stop()
    with pytest.raises(aiohttp.ClientError):
        await call


async def test_a_delayed_answer_comes_after_the_effect(slack: LocalSlack, patient) -> None:
    slack.faults.delay("chat.postMessage", 0.1)
    call = asyncio.create_task(patient.chat_postMessage(channel="C1", text="slow"))
    await slack.until(lambda: texts(slack) == ["slow"])
    assert not call.done() and (await call)["ok"]


async def test_a_fault_of_any_method_meets_the_next_call(slack: LocalSlack, patient) -> None:
    slack.faults.error("*", "token_revoked")
    with pytest.raises(SlackApiError, match="token_revoked"):
        await patient.auth_test()
    assert (await patient.auth_test())["ok"]
