"""Puts local Slack together and serves it on loopback; every part of it lives in a module of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from aiohttp import web

from slackbot.playground.deliveries import Ack, Deliveries
from slackbot.playground.faults import Faults
from slackbot.playground.http_events import HttpEvents
from slackbot.playground.model import Change, Message
from slackbot.playground.payloads import event_callback, events_of
from slackbot.playground.people import People
from slackbot.playground.responses import Responses
from slackbot.playground.socket_mode import SocketMode
from slackbot.playground.triggers import Triggers
from slackbot.playground.waiting import until
from slackbot.playground.web_api.server import Call, WebApi
from slackbot.playground.web_api.site import Site
from slackbot.playground.wire import Clock, now
from slackbot.playground.workspace import Workspace

T = TypeVar("T")
Extend = Callable[["LocalSlack"], None]

ALL_SUBSCRIPTIONS = frozenset({"app_mention", "message.channels", "message.groups", "message.im"})


class LocalSlack:
    """One workspace with one app in it, served on 127.0.0.1. Made by `start` or `running`.

    `subscriptions`: the events that the app's manifest asks for. With message.channels the app also gets its own
    posts and edits back, as from Slack.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.bot_token, self.app_token = "xoxb-local-bot", "xapp-1-local-app"
        self.signing_secret = "local-signing-secret"
        self.workspace = workspace
        self.subscriptions = ALL_SUBSCRIPTIONS
        self.faults = Faults()
        self.socket = SocketMode(workspace)
        self.deliveries = Deliveries(workspace, self.socket, self.faults)
        self.socket.serve(self.deliveries)
        triggers = Triggers(workspace)
        self.people = People(workspace, self.deliveries, triggers, lambda name: f"{self.base_url}/respond/{name}")
        site = Site(workspace, triggers, lambda: self.base_url, self._new_socket_url)
        self.web_api = WebApi(site, self.faults, bot_token=self.bot_token, app_token=self.app_token)
        self._http: HttpEvents | None = None
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._unsubscribe = workspace.subscribe(self._tell_the_app)
        self.app = self._routes(Responses(workspace, triggers))

    @classmethod
    async def start(
        cls, workspace: Workspace | None = None, port: int = 0, clock: Clock = now, extend: Extend | None = None
    ) -> "LocalSlack":
        """Serve a workspace (an empty one when None; `clock` is then its clock). Port 0: any free one.

        `extend` is called before it listens, and may add routes to `slack.app`: the browser page's hook.
        """
        slack = cls(workspace if workspace is not None else Workspace(clock=clock))
        if extend:
            extend(slack)
        await slack._listen(port)
        return slack

    @classmethod
    @asynccontextmanager
    async def running(
        cls, workspace: Workspace | None = None, port: int = 0, clock: Clock = now, extend: Extend | None = None
    ) -> AsyncIterator["LocalSlack"]:
        """`start`, and `stop` at the end of the block."""
        slack = await cls.start(workspace, port, clock, extend)
        try:
            yield slack
        finally:
            await slack.stop()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"

    async def stop(self) -> None:
        """End every connection and free the port; a second time changes nothing."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        self._unsubscribe()
        self.web_api.closing.set()
        await self.deliveries.stop()
        await self.use_socket_mode()
        await self.socket.stop()
        await runner.cleanup()

    async def use_http(self, url: str) -> None:
        """From now on deliver by signed POSTs to `url`. Raises ValueError when it does not answer the challenge."""
        http = HttpEvents(self.workspace, self.signing_secret, url, self.deliveries)
        try:
            await http.verify_url()
        except BaseException:
            await http.close()
            raise
        await self.use_socket_mode()
        self._http = self.deliveries.transport = http

    async def use_socket_mode(self) -> None:
        """Deliver over Socket Mode, as at the start."""
        self.deliveries.transport = self.socket
        if self._http:
            await self._http.close()
            self._http = None

    async def until(self, condition: Callable[[], T | None], timeout_s: float = 10) -> T:
        """The first true answer of `condition`: asked now and after every message, view, call, ack or connection.

        Raises NeverHappened with the transcript.
        """
        return await until(self.workspace, condition, timeout_s)

    def thread(self, channel_id: str, ts: str) -> list[Message]:
        """The parent and its replies, oldest first; empty when there is no such message."""
        return self.workspace.messages.thread(channel_id, ts)

    def transcript(self, channel_id: str | None = None, ts: str | None = None) -> str:
        """Readable text of one thread, one channel or everything."""
        return self.workspace.transcript(channel_id, ts)

    def calls(self, method: str | None = None) -> list[Call]:
        """Recorded Web API calls in order, refused and faulty ones included; of one method, or all."""
        return [call for call in self.web_api.calls if method in (None, call.method)]

    def acks(self) -> list[Ack]:
        """Every envelope that was sent, with when it was acked."""
        return self.deliveries.acks()

    def _tell_the_app(self, change: Change) -> None:
        message = change.message or change.previous
        for event in events_of(self.workspace, change, self.subscriptions):
            payload = event_callback(self.workspace, event)
            self.deliveries.dispatch(payload["event_id"], "events_api", payload, message.ts if message else "")

    def _new_socket_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/link/?ticket={self.socket.new_ticket()}&app_id={self.workspace.app_id}"

    def _routes(self, responses: Responses) -> web.Application:
        # A reply of 40,000 characters with blocks and a modal of 250 kB must pass.
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self.web_api.handle)
        app.router.add_get("/link/", self.socket.handle)
        app.router.add_post("/respond/{name}", responses.handle)
        return app

    async def _listen(self, port: int) -> None:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
