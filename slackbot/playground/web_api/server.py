"""Serves /api/METHOD: tokens, recording and faults around every method; the methods live beside it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web

from slackbot.core.model import Frozen
from slackbot.playground.faults import Fault, Faults
from slackbot.playground.model import Change
from slackbot.playground.web_api import chat, conversations, people, views
from slackbot.playground.web_api.arguments import Arguments, arguments_of
from slackbot.playground.web_api.scopes import ALL_SCOPES, missing_scope
from slackbot.playground.web_api.site import Site
from slackbot.playground.wire import Json, SlackError

Method = Callable[[Site, Arguments], Json]


def open_connection(site: Site, _arguments: Arguments) -> Json:
    return {"url": site.new_socket_url()}


METHODS: dict[str, Method] = {
    "auth.test": people.auth_test,
    "apps.connections.open": open_connection,
    "chat.postMessage": chat.post_message,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.update": chat.update,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.get_permalink,
    "conversations.replies": conversations.replies,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_conversation,
    "users.info": people.user_info,
    "usergroups.users.list": people.list_group_users,
    "usergroups.list": people.list_groups,
    "views.open": views.open_view,
    "views.update": views.update_view,
    "reactions.add": chat.add_reaction,
    "agents.sessions.setStatus": views.set_session_status,
}
APP_TOKEN_METHODS = frozenset({"apps.connections.open"})


class Call(Frozen):
    """One recorded call. `response` is what the method answered or would have, had the fault let it through."""

    method: str
    at: datetime
    arguments: Json
    response: Json
    fault: str | None = None

    @property
    def ok(self) -> bool:
        return bool(self.response.get("ok"))


class WebApi:
    """The handler of /api/METHOD and the record of all calls. `closing` set: calls that hang are let go.

    `scopes`: what the bot token was granted; every answer's header tells it, as Slack's does.
    """

    def __init__(self, site: Site, faults: Faults, *, bot_token: str, app_token: str) -> None:
        self._site = site
        self._faults = faults
        self._bot_token, self._app_token = bot_token, app_token
        self.scopes = ALL_SCOPES
        self.calls: list[Call] = []
        self.closing = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        response = await self._respond(request)
        response.headers["Date"] = format_datetime(self._site.workspace.clock(), usegmt=True)
        response.headers["x-oauth-scopes"] = ",".join(sorted(self.scopes))
        return response

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await arguments_of(request)
        except SlackError as error:
            return web.json_response(error.response())
        fault = self._faults.take(method) if method in METHODS else None
        refused = self._refusal(fault)
        answer = refused if refused is not None else self._answer(method, arguments)
        self._record(method, arguments, answer, fault)
        if fault:
            return await self._with_fault(request, fault, answer)
        return web.json_response(answer)

    def _answer(self, method: str, arguments: Arguments) -> Json:
        try:
            self._check_token(method, arguments.token)
            if (refused := missing_scope(method, self.scopes)) is not None:
                return refused
            return {"ok": True, **METHODS[method](self._site, arguments)}
        except SlackError as error:
            return error.response()

    def _check_token(self, method: str, token: str) -> None:
        if method not in METHODS:
            raise SlackError("unknown_method")
        if not token:
            raise SlackError("not_authed")
        if token not in (self._bot_token, self._app_token):
            raise SlackError("invalid_auth")
        if token != (self._app_token if method in APP_TOKEN_METHODS else self._bot_token):
            raise SlackError("not_allowed_token_type")

    def _refusal(self, fault: Fault | None) -> Json | None:
        match fault.kind if fault else None:
            case "rate_limited":
                return SlackError("ratelimited").response()
            case "error":
                return SlackError(fault.code if fault else "").response()
            case "server_error" | "hang":
                return SlackError("internal_error").response()
        return None

    def _record(self, method: str, arguments: Arguments, answer: Json, fault: Fault | None) -> None:
        at = self._site.workspace.clock()
        kind = fault.kind if fault else None
        self.calls.append(Call(method=method, at=at, arguments=arguments.given, response=answer, fault=kind))
        self._site.workspace.announce(Change(kind="wire", facts={"method": method}))

    async def _with_fault(self, request: web.Request, fault: Fault, answer: Json) -> web.StreamResponse:
        match fault.kind:
            case "rate_limited":
                return web.json_response(answer, status=429, headers={"Retry-After": f"{fault.seconds:.0f}"})
            case "server_error":
                return web.Response(status=fault.status, text="upstream connect error")
            case "hang":
                await self.closing.wait()
                _abort(request)
            case "lose_reply":
                _abort(request)
            case "delay":
                await asyncio.sleep(fault.seconds)
        return web.json_response(answer)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
