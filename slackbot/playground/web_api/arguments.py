"""Owns the arguments of one Web API call, however they were sent; knows no method."""

import json
from collections.abc import Mapping

from aiohttp import web

from slackbot.playground.wire import Json, SlackError


class Arguments:
    """Arguments by name: strings from forms and queries, anything from JSON bodies. The token is kept apart."""

    def __init__(self, given: Mapping[str, object], token: str) -> None:
        self.given: Json = {name: value for name, value in given.items() if name != "token"}
        self.token = token

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        return default if value is None else str(value)

    def required(self, name: str, code: str = "invalid_arguments") -> str:
        """Raises `code` when it is missing or empty."""
        value = self.text(name)
        if not value:
            raise SlackError(code, f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        text = self.text(name)
        if text and not text.isdigit():
            raise SlackError("invalid_arguments", f"must be a number [json-pointer:/{name}]")
        return int(text) if text else default

    def has(self, name: str) -> bool:
        return self.given.get(name) not in (None, "")

    def json(self, name: str, code: str) -> object:
        """The value of an argument that is JSON, as it is or as text; None when missing. Raises `code`."""
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            return None if value == "" else value
        try:
            return json.loads(value)
        except ValueError as error:
            raise SlackError(code) from error

    def objects(self, name: str, code: str) -> list[Json]:
        """A list of JSON objects; empty when missing. Raises `code` for anything else."""
        value = self.json(name, code) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(code)
        return value


async def arguments_of(request: web.Request) -> Arguments:
    """Read query, form or JSON body. Raises `invalid_json`."""
    given: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        given |= await _json_body(request)
    elif request.can_read_body:
        given |= dict(await request.post())
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return Arguments(given, bearer.strip() if scheme.lower() == "bearer" else str(given.get("token", "")))


async def _json_body(request: web.Request) -> Json:
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
