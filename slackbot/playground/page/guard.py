"""Keeps other web sites out of the page and hostile texts inert: host, origin, security headers. Knows no content."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def guarded(handler: Handler) -> Handler:
    """Answer 403 to a foreign host (DNS rebinding) and to orders from a foreign page."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not _is_ours(f"//{request.headers.get('Host', '')}") or not _may_order(request):
            return web.json_response({"error": "This page answers only itself."}, status=403, headers=HEADERS)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return answer


def _is_ours(address: str) -> bool:
    try:
        return urlsplit(address).hostname in OWN_HOSTS
    except ValueError:
        return False


def _may_order(request: web.Request) -> bool:
    """Reading is free; an order must be JSON (a foreign form cannot send that) and from our own origin."""
    if request.method in ("GET", "HEAD"):
        return True
    origin = request.headers.get("Origin")
    own = origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    return own and request.content_type == "application/json"
