"""Serves the page beside local Slack's protocol: files, a stream per viewer, and orders carried out by `People`."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from pydantic import ValidationError

from slackbot.core.model import Frozen
from slackbot.playground.model import Change
from slackbot.playground.page.guard import guarded
from slackbot.playground.page.guide import Guide
from slackbot.playground.page.orders import Click, Dismiss, React, Say, Submit
from slackbot.playground.page.stream import Stream
from slackbot.playground.people import NotAcked, SubmissionRefused
from slackbot.playground.server import LocalSlack
from slackbot.playground.wire import Json, SlackError

Order = TypeVar("Order", bound=Frozen)
STATIC = Path(__file__).parent / "static"


class Page:
    """The page of one local Slack: `LocalSlack.start(workspace, extend=Page(…).extend)`.

    `titles`: a word about people, by id ("on call"); the page offers to act as these, in this order; without any,
    as everybody who is not a bot. `guide` is asked after every change; None: nothing to say.
    """

    def __init__(
        self, titles: Mapping[str, str] | None = None, guide: Callable[[], Guide | None] | None = None
    ) -> None:
        self._titles = dict(titles or {})
        self._guide = guide or (lambda: None)
        self._streams: set[Stream] = set()
        self._slack: LocalSlack

    def extend(self, slack: LocalSlack) -> None:
        """Add the page's routes to local Slack's server."""
        self._slack = slack
        slack.app.on_shutdown.append(self._close)
        router = slack.app.router
        router.add_get("/", guarded(self._index))
        router.add_get("/archives/{rest:.*}", guarded(self._index))
        router.add_get("/page/stream", guarded(self._stream))
        router.add_get("/page/files/{name}", guarded(self._file))
        orders: dict[str, tuple[type[Frozen], Callable[..., Awaitable[None]]]] = {
            "say": (Say, self._say),
            "click": (Click, self._click),
            "submit": (Submit, self._submit),
            "dismiss": (Dismiss, self._dismiss),
            "react": (React, self._react),
        }
        for name, (model, carry_out) in orders.items():
            router.add_post(f"/page/{name}", guarded(_answering(model, carry_out)))

    def guide_changed(self) -> None:
        """The guide has something new to say although nothing happened in the workspace."""
        self._slack.workspace.announce(Change(kind="wire"))

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        files = {path.name: path for path in STATIC.iterdir() if path.is_file()}
        path = files.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        workspace = self._slack.workspace
        asked = request.query.get("as", "")
        viewer = asked if asked in self._cast() else next(iter(self._cast()))
        workspace.direct_channel(viewer)
        stream = Stream(workspace, viewer, self._facts, self._guide)
        self._streams.add(stream)
        try:
            return await stream.run(request)
        finally:
            self._streams.discard(stream)

    async def _say(self, order: Say) -> None:
        await self._slack.people.say(order.by, order.channel, order.text, thread_ts=order.thread_ts)

    async def _click(self, order: Click) -> None:
        await self._slack.people.click(order.by, order.channel, order.ts, order.action_id, order.value)

    async def _submit(self, order: Submit) -> None:
        await self._slack.people.submit(order.by, order.view, order.values)

    async def _dismiss(self, order: Dismiss) -> None:
        if order.view in self._slack.workspace.views:
            await self._slack.people.dismiss(order.by, order.view)

    async def _react(self, order: React) -> None:
        self._slack.workspace.react(order.channel, order.ts, order.name, order.by)

    def _cast(self) -> dict[str, str]:
        people = self._slack.workspace.people.values()
        return self._titles or {person.id: "" for person in people if not person.is_bot and not person.deleted}

    def _facts(self) -> Json:
        cast = [{"id": user, "title": title} for user, title in self._cast().items()]
        return {"cast": cast, "connected": self._slack.socket.connections > 0}

    async def _close(self, _app: web.Application) -> None:
        for stream in self._streams:
            stream.close()


def _answering(
    model: type[Order], carry_out: Callable[[Order], Awaitable[None]]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """An order's handler: its model is checked, and what Slack's client would tell the person becomes `error`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            await carry_out(model.model_validate_json(await request.read()))
        except ValidationError:
            return _no(400, "The page asked for something that is no order.")
        except SubmissionRefused as refused:
            return web.json_response({"errors": refused.errors}, status=422)
        except NotAcked:
            return _no(504, "The app did not answer, so nothing was done. Is it running? Try again.")
        except (PermissionError, LookupError) as error:
            return _no(409, str(error.args[0]) if error.args else "That cannot be done.")
        except SlackError as error:
            return _no(409, error.code.replace("_", " "))
        return web.json_response({})

    return answer


def _no(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
