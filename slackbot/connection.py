"""The line to Slack: Bolt over Socket Mode or HTTP, who we are there, and a watchdog. Knows nothing of tasks."""

import asyncio
import logging
import time
from dataclasses import dataclass

import aiohttp
import aiohttp.web
import structlog
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.core.errors import ConfigurationError
from slackbot.settings import Settings

log = structlog.get_logger()
# Measured in facts/slack.md: with 5 s a torn connection is noticed and replaced in about 7 s.
PING_INTERVAL_S = 5
WATCH_S = 5.0
LOOKS_DOWN = 2
CONNECT_S = 15.0
CLOSE_S = 5.0
RETRY_S = 2.0
# What Bolt raises over a payload that has not the shape that Slack promises.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
FINAL = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


@dataclass(frozen=True)
class Identity:
    """Who the bot is in its workspace."""

    team: str
    user: str
    bot: str


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who we are, waiting while it is away. Raises ConfigurationError when the token is refused."""
    while True:
        try:
            said = await client.auth_test()
            return Identity(said["team_id"], said["user_id"], said.get("bot_id") or "")
        except SlackApiError as error:
            code = error.response.get("error") if hasattr(error.response, "get") else ""
            if code in FINAL:
                raise ConfigurationError(
                    [f"SLACK_BOT_TOKEN is refused by Slack ({code}): copy it again from OAuth & Permissions"]
                ) from error
            log.warning("slack_not_reached", reason=str(code or error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack_not_reached", reason=type(error).__name__)
        await asyncio.sleep(RETRY_S)


def bolt(client: AsyncWebClient, settings: Settings, identity: Identity) -> AsyncApp:
    """A Bolt app that knows who it is, so that no call stands between an event and its ack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=identity.team, bot_user_id=identity.user, bot_id=identity.bot,
            bot_token=settings.slack_bot_token.get_secret_value(),
        )  # fmt: skip

    secret = settings.slack_signing_secret
    app = AsyncApp(
        client=client,
        authorize=authorize,
        signing_secret=secret.get_secret_value() if secret else "socket mode signs nothing",
        request_verification_enabled=not settings.socket_mode,
        logger=logging.getLogger("pitcrew.bolt"),
        ignoring_self_events_enabled=False,  # our reader does that, for every payload alike
    )
    app.error(_not_read)
    return app


async def _not_read(error: Exception) -> BoltResponse:
    """Bolt stumbled over a payload (our own middleware raises nothing): acked, since a second time is no better."""
    log.warning("payload_not_read", reason=type(error).__name__)
    return BoltResponse(status=200)


async def answered(app: AsyncApp, envelope: SocketModeRequest) -> BoltResponse:
    """The app's answer to an envelope, also to one that Bolt cannot even take out of its wrapping."""
    try:
        answer: BoltResponse = await run_async_bolt_app(app, envelope)
    except UNREADABLE as error:
        answer = await _not_read(error)
    return answer


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which leaves what it cannot read without an ack."""

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        began = time.time()
        await send_async_response(client, req, await answered(self.app, req), began)


class SocketLine:
    """Socket Mode, kept up.

    Slack's client reconnects by itself, but after a handshake that failed it tries the same address for ever, and
    an address works once. So a line that stays down is replaced as a whole, never doubled: Slack would send half of
    all events to a connection that nobody reads.
    """

    def __init__(
        self, app: AsyncApp, client: AsyncWebClient, app_token: str, *, ping_s: float = PING_INTERVAL_S,
        watch_s: float = WATCH_S,
    ) -> None:  # fmt: skip
        self._app, self._client, self._token = app, client, app_token
        self._ping_s, self._watch_s = ping_s, watch_s
        self._handler = self._new()
        self._watch: asyncio.Task[None] | None = None

    def _new(self) -> _Handler:
        return _Handler(self._app, app_token=self._token, web_client=self._client, ping_interval=self._ping_s)

    async def open(self) -> None:
        """Connect, trying until Slack answers. Raises ConfigurationError when the app token is refused."""
        connected = await self._connect()
        while not connected:
            await asyncio.sleep(RETRY_S)
            connected = await self._replace()
        self._watch = asyncio.create_task(self._keep_up())

    async def _connect(self) -> bool:
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._handler.connect_async()  # type: ignore[no-untyped-call]
        except SlackApiError as error:
            code = error.response.get("error") if hasattr(error.response, "get") else ""
            if code in FINAL:
                raise ConfigurationError(
                    [f"SLACK_APP_TOKEN is refused by Slack ({code}): make one with connections:write"]
                ) from error
            log.warning("socket_not_opened", reason=str(code or error))
            return False
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("socket_not_opened", reason=type(error).__name__)
            return False
        return True

    async def _replace(self) -> bool:
        """Let the old connection go and open another; whether that went well."""
        await self._drop()
        self._handler = self._new()
        return await self._connect()

    async def _drop(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._handler.close_async()  # type: ignore[no-untyped-call]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("socket_not_closed", reason=type(error).__name__)

    async def is_up(self) -> bool:
        return bool(await self._handler.client.is_connected())

    async def _keep_up(self) -> None:
        """Give Slack's client two looks' time to come back, then replace it."""
        looks_down = 0
        while True:
            await asyncio.sleep(self._watch_s)
            looks_down = 0 if await self.is_up() else looks_down + 1
            if looks_down >= LOOKS_DOWN:
                log.warning("socket_replaced")
                looks_down = 0
                try:
                    await self._replace()
                except ConfigurationError as error:
                    log.error("socket_refused", faults=error.faults)  # until somebody gives us a token that works

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        await self._drop()


def http_route(app: AsyncApp) -> aiohttp.web.RouteDef:
    """HTTP mode: Slack posts here; Bolt verifies the signature before our middleware sees anything."""

    async def receive(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not (stamp.isascii() and stamp.isdecimal()):
            return aiohttp.web.Response(status=401)  # Bolt's verifier would stumble over it
        try:
            said = await to_bolt_request(request)
        except UNREADABLE as error:
            log.warning("payload_not_read", reason=type(error).__name__)
            return aiohttp.web.Response(status=400)  # its signature has not been looked at: no ack
        return await to_aiohttp_response(await app.async_dispatch(said))

    return aiohttp.web.post("/slack/events", receive)
