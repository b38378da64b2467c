"""HTTP mode: signed POSTs, checked by Slack's own SignatureVerifier and dispatched by a real Bolt app."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

from slackbot.playground.people import NotAcked
from slackbot.playground.server import LocalSlack
from tests.playground.conftest import Bot, HandClock


class AsSlackTellsTime(SlackClock):
    def __init__(self, clock: HandClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


class RequestUrl:
    """The app's request URL. Keeps every request; `failing`: how many to answer with 500."""

    def __init__(self, bot: Bot, verifier: SignatureVerifier) -> None:
        self.bot, self.verifier = bot, verifier
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.failing = 0

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.text()
        if not self.verifier.is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        if "url_verification" in body:
            return web.json_response({"challenge": (await request.json())["challenge"]})
        self.requests.append((body, dict(request.headers)))
        if self.failing:
            self.failing -= 1
            return web.Response(status=500)
        bolt = AsyncBoltRequest(body=body, headers=dict(request.headers), mode="socket_mode")
        answer = await self.bot.app.async_dispatch(bolt)
        return web.Response(status=answer.status, text=answer.body)


@pytest.fixture
async def site(slack: LocalSlack, client, clock: HandClock) -> AsyncIterator[RequestUrl]:
    verifier = SignatureVerifier(slack.signing_secret, AsSlackTellsTime(clock))
    site = RequestUrl(Bot(client, slack.app_token), verifier)
    app = web.Application()
    app.router.add_post("/slack/events", site.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield site
    await slack.use_socket_mode()
    await runner.cleanup()
    await site.bot.handler.close_async()


async def test_events_come_signed_and_are_acked_by_the_answer(slack: LocalSlack, site: RequestUrl) -> None:
    await slack.people.say("U1", "C1", "@pitcrew fix ünïcode")
    await slack.until(lambda: len([ack for ack in slack.acks() if ack.acked_at]) == 2)
    _, headers = site.requests[0]
    assert headers["Content-Type"] == "application/json" and "X-Slack-Retry-Num" not in headers


async def test_an_event_that_fails_comes_again_with_retry_headers(slack: LocalSlack, site: RequestUrl) -> None:
    slack.subscriptions = frozenset({"app_mention"})
    slack.deliveries.retries_s = (0.05,)
    site.failing = 1
    await slack.people.say("U1", "C1", "@pitcrew fix it")
    await slack.until(lambda: slack.deliveries.all[0].acked.is_set())
    (first, _), (second, headers) = site.requests
    assert first == second
    assert (headers["X-Slack-Retry-Num"], headers["X-Slack-Retry-Reason"]) == ("1", "http_error")


async def test_a_click_comes_as_a_form(slack: LocalSlack, client, site: RequestUrl) -> None:
    slack.subscriptions = frozenset()
    text = {"type": "plain_text", "text": "Approve"}
    blocks = [{"type": "actions", "elements": [{"type": "button", "action_id": "approve", "text": text}]}]
    ts = (await client.chat_postMessage(channel="C1", text="card", blocks=blocks))["ts"]
    await slack.people.click("U1", "C1", ts, "approve")
    [(body, headers)] = site.requests
    assert body.startswith("payload=") and headers["Content-Type"] == "application/x-www-form-urlencoded"


async def test_an_app_with_another_secret_acks_nothing(slack: LocalSlack, site: RequestUrl, clock: HandClock) -> None:
    site.verifier = SignatureVerifier("another secret", AsSlackTellsTime(clock))
    slack.people.ack_timeout_s = 0.05
    text = {"type": "plain_text", "text": "Approve"}
    blocks = [{"type": "actions", "elements": [{"type": "button", "action_id": "approve", "text": text}]}]
    slack.workspace.post_as_bot("alerts", "C1", "page", blocks=blocks)
    [message] = slack.workspace.messages.in_channel("C1")
    with pytest.raises(NotAcked):
        await slack.people.click("U1", "C1", message.ts, "approve")
    assert site.requests == []


async def test_a_url_that_does_not_answer_the_challenge_is_not_used(slack: LocalSlack, client) -> None:
    with pytest.raises(ValueError, match="challenge"):
        await slack.use_http(f"{slack.base_url}/nothing")
    assert slack.deliveries.transport is slack.socket
