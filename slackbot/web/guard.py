"""What holds for every answer: which Host headers are ours, security headers, errors in words. Knows no page."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from slackbot.core.config import WebConfig
from slackbot.core.errors import StoreUnavailable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ErrorPage = Callable[[web.Request, int, str], web.Response]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "pitcrew",
}
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\[\]:/@\s]+)(:\d{1,5})?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NOT_OURS = "This name is not one of mine: open me at 127.0.0.1, or set [web] public_url to the address you use."
DATABASE_AWAY = "The database is away: nothing is lost, try again in a minute."
WORDS = {
    404: "There is no such page.",
    405: "These pages are for reading only.",
}


def our_names(config: WebConfig) -> frozenset[str]:
    """The host names under which we answer, in lower case and without brackets or port."""
    configured = {config.host.strip("[]").lower(), (urlsplit(config.public_url).hostname or "")}
    return _LOOPBACK | (configured - {""})


def is_ours(host: str | None, names: frozenset[str]) -> bool:
    """Whether a Host header names us: a foreign name is how a hostile page reaches loopback (DNS rebinding)."""
    found = _HOST.fullmatch(host or "")
    return found is not None and found["name"].strip("[]").lower() in names


def guard(config: WebConfig, error_page: ErrorPage) -> Middleware:
    """The middleware around every request."""
    names = our_names(config)

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not (is_ours(request.headers.get("Host"), names) or _proves_itself(request)):
            return error_page(request, 421, NOT_OURS)
        try:
            return await handler(request)
        except StoreUnavailable:
            return error_page(request, 503, DATABASE_AWAY)
        except web.HTTPException as error:
            if error.status not in WORDS:
                raise
            return _in_words(request, error, error_page)

    return guarded


def _proves_itself(request: web.Request) -> bool:
    """Whether this is a POST route of the roof: Slack signs what it sends there, whatever name it came by."""
    return request.method == "POST" and request.match_info.http_exception is None


def _in_words(request: web.Request, error: web.HTTPException, error_page: ErrorPage) -> web.Response:
    said = error.text if error.text and not error.text.startswith(str(error.status)) else WORDS[error.status]
    response = error_page(request, error.status, said)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The signal before an answer's headers are sent: also refusals and failures carry ours."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")  # prompts and code do not belong into caches
