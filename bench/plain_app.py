"""The floor: a Bolt app over Socket Mode that commits one row before its ack, and does nothing else.

python -m bench.plain_app API_URL BOT_TOKEN APP_TOKEN DATABASE_FILE
"""

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000")


class OneRow(AsyncMiddleware):
    """Commits the message, which two events bring. On the loop itself: with nothing else to do, no thread is faster."""

    def __init__(self, file: str) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None)
        for pragma in PRAGMAS:
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.execute("CREATE TABLE IF NOT EXISTS inbox (key TEXT PRIMARY KEY)")

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        self._rows.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (req.body["event"]["ts"],))
        return BoltResponse(status=200)


async def serve(api_url: str, bot_token: str, app_token: str, file: str) -> None:
    """Answer until the process is ended."""
    client = AsyncWebClient(bot_token, base_url=api_url)

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0PITCREW", bot_user_id="U0PITCREW", bot_token=bot_token)

    app = AsyncApp(client=client, authorize=authorize, request_verification_enabled=False)
    app.middleware(OneRow(file))
    handler = AsyncSocketModeHandler(app, app_token=app_token, web_client=client)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:5]))
