"""Owns what a browser is told while it looks: a snapshot, then every change, as server-sent events."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import web

from slackbot.playground.model import Change
from slackbot.playground.page import shown
from slackbot.playground.page.guard import HEADERS
from slackbot.playground.page.guide import Guide
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace

KEEP_ALIVE_S = 15.0


class Stream:
    """One open page of one viewer. `facts`: what stands beside the workspace, such as whether the app is there."""

    def __init__(
        self, workspace: Workspace, viewer: str, facts: Callable[[], Json], guide: Callable[[], Guide | None]
    ) -> None:
        self._workspace, self._viewer = workspace, viewer
        self._facts, self._guide = facts, guide
        self._waiting: asyncio.Queue[tuple[str, Json] | None] = asyncio.Queue()
        self._told: dict[str, Json] = {}

    async def run(self, request: web.Request) -> web.StreamResponse:
        """Send until the browser leaves or `close` is called."""
        headers = {**HEADERS, "Content-Type": "text/event-stream"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        unsubscribe = self._workspace.subscribe(self._notice)
        self._put("everything", shown.everything(self._workspace, self._viewer))
        self._put_around()
        try:
            await self._send(response)
        except ConnectionResetError:
            return response  # the browser left in the middle of a line
        finally:
            unsubscribe()
        return response

    def close(self) -> None:
        self._waiting.put_nowait(None)

    async def _send(self, response: web.StreamResponse) -> None:
        while True:
            try:
                item = await asyncio.wait_for(self._waiting.get(), KEEP_ALIVE_S)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if item is None:
                return
            name, data = item
            await response.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())

    def _notice(self, change: Change) -> None:
        if change.kind == "people":
            self._put("everything", shown.everything(self._workspace, self._viewer))
        elif change.kind == "view":
            self._put("views", {"views": shown.views(self._workspace, self._viewer)})
        elif change.message is not None:
            if shown.sees(self._workspace, change.message, self._viewer):
                self._put("message", shown.message_shown(self._workspace, change.message, self._viewer))
        elif change.kind == "deleted" and change.previous is not None:
            self._put("gone", {"channel": change.previous.channel, "ts": change.previous.ts})
        self._put_around()

    def _put_around(self) -> None:
        """The facts and the guide, when they are not what was told last."""
        guide = self._guide()
        for name, data in (("facts", self._facts()), ("guide", {"guide": guide.model_dump() if guide else None})):
            if self._told.get(name) != data:
                self._told[name] = data
                self._put(name, data)

    def _put(self, name: str, data: Json) -> None:
        self._waiting.put_nowait((name, data))
