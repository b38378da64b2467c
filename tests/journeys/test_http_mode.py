"""HTTP mode: the same handlers behind signed POSTs; a forged or old one never reaches them."""

import hashlib
import hmac
import socket
import time
from pathlib import Path

import aiohttp
import pytest

from tests.stage import BOB, Stage, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the other journeys' Slack lives on while this one runs
BODY = '{"type": "event_callback", "team_id": "T0PITCREW", "event": {"type": "message", "text": "x"}}'


async def test_over_http_the_story_is_the_same_and_forgeries_are_refused(tmp_path: Path) -> None:
    port = _free_port()
    async with staged(tmp_path) as stage:
        stage.add_repo()
        stage.configure()
        _use_http(stage, port)
        await stage.start_bot(listens=f"http://127.0.0.1:{port}/readyz")
        address = f"http://127.0.0.1:{port}/slack/events"
        await stage.slack.use_http(address)
        ts = await stage.mention("write http.txt yes")
        card = await stage.card_with(ts, "Ready for your decision")
        await stage.click(BOB, card, "approve")
        await stage.card_with(ts, "Landed")
        now = int(time.time())
        assert await _post(address, now, "v0=" + "0" * 64) == 401
        assert await _post(address, now - 400, _signature(stage, now - 400)) == 401
        assert await _post(address, now, _signature(stage, now)) == 200


def _use_http(stage: Stage, port: int) -> None:
    config = stage.folder / "slackbot.toml"
    config.write_text(config.read_text().replace("port = 0", f"port = {port}"))
    del stage.environment["SLACK_APP_TOKEN"]
    stage.environment["SLACK_SIGNING_SECRET"] = stage.slack.signing_secret


def _signature(stage: Stage, at: int) -> str:
    secret = stage.slack.signing_secret.encode()
    return "v0=" + hmac.new(secret, f"v0:{at}:{BODY}".encode(), hashlib.sha256).hexdigest()


async def _post(address: str, at: int, signature: str) -> int:
    headers = {
        "X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature, "Content-Type": "application/json",
    }  # fmt: skip
    async with aiohttp.ClientSession() as session, session.post(address, data=BODY, headers=headers) as answer:
        return answer.status


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
