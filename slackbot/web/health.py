"""Answers supervisors: does the process run, is the bot ready. Knows the parts by name only."""

from collections.abc import Callable

from aiohttp import web


class Health:
    """`ready` says of each part of the bot whether it is ready."""

    def __init__(self, ready: Callable[[], dict[str, bool]]) -> None:
        self._ready = ready

    async def healthz(self, request: web.Request) -> web.Response:
        """200 while the process answers."""
        return web.json_response({"status": "ok"})

    async def readyz(self, request: web.Request) -> web.Response:
        """200 when every part is ready, else 503 with those that are not."""
        parts = self._ready()
        missing = sorted(name for name, ready in parts.items() if not ready)
        said = {"status": "not ready" if missing else "ready", "not_ready": missing, "parts": parts}
        return web.json_response(said, status=503 if missing else 200)
