"""Owns delivery over HTTP: signed POSTs to the app's request URL; what is in a payload it does not know."""

import asyncio
import hashlib
import hmac
import json
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from slackbot.playground.deliveries import Deliveries, Delivery
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace

SLACKS_PATIENCE_S = 3.0


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature of a raw body."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class HttpEvents:
    """Posts every payload to one URL; a 2xx answer is the ack. Close it when done."""

    def __init__(self, workspace: Workspace, signing_secret: str, url: str, deliveries: Deliveries) -> None:
        self._workspace = workspace
        self._secret = signing_secret
        self._url = url
        self._deliveries = deliveries
        self._session = ClientSession(timeout=ClientTimeout(total=SLACKS_PATIENCE_S))
        self._posts: set[asyncio.Task[None]] = set()

    async def verify_url(self) -> None:
        """Send the challenge with which Slack checks a request URL. Raises ValueError when it is not echoed."""
        body = {"type": "url_verification", "challenge": "local-challenge", "token": "local-verification-token"}
        raw, headers = self._signed(json.dumps(body).encode(), "application/json")
        async with self._session.post(self._url, data=raw, headers=headers) as response:
            if "local-challenge" not in await response.text():
                raise ValueError(f"{self._url} did not answer the challenge: HTTP {response.status}")

    async def send(self, delivery: Delivery, envelope_id: str) -> None:
        retry = self._deliveries.note_sent(delivery, envelope_id)
        post = asyncio.create_task(self._post(delivery, envelope_id, retry))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)

    async def close(self) -> None:
        for post in self._posts:
            post.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)
        await self._session.close()

    async def _post(self, delivery: Delivery, envelope_id: str, retry: int) -> None:
        raw, headers = self._signed(*_body(delivery))
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": delivery.retry_reason}
        try:
            async with self._session.post(self._url, data=raw, headers=headers) as response:
                text = await response.text()
                if 200 <= response.status < 300:
                    self._deliveries.ack(envelope_id, _answer(text))
                else:
                    delivery.retry_reason = "http_error"
        except TimeoutError:
            delivery.retry_reason = "http_timeout"
        except ClientError:
            delivery.retry_reason = "connection_failed"

    def _signed(self, raw: bytes, content_type: str) -> tuple[bytes, dict[str, str]]:
        timestamp = str(int(self._workspace.clock().timestamp()))
        signed = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature(self._secret, timestamp, raw)}
        return raw, {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (local)", **signed}


def _body(delivery: Delivery) -> tuple[bytes, str]:
    text = json.dumps(delivery.payload)
    if delivery.kind == "events_api":
        return text.encode(), "application/json"
    return urlencode({"payload": text}).encode(), "application/x-www-form-urlencoded"


def _answer(text: str) -> Json:
    if not text.startswith("{"):
        return {}
    answer: Json = json.loads(text)
    return answer
