"""One call to Slack, once, with a time limit; what went wrong is an answer too. Judges no answer."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from typing import Any

import aiohttp
from pydantic import SecretStr

from slackbot.core.model import Frozen

CALL_LIMIT_S = 5.0
AT_ONCE = 8
NO_ANSWER = "no_answer"


class Answer(Frozen):
    """`error`: Slack's word, "no_answer" when none came, empty when all went well. `reason`: why none came.

    `scopes`: what the token was granted, None when Slack did not say. `slack_at`: Slack's clock, a second coarse.
    """

    error: str = ""
    reason: str = ""
    data: Mapping[str, Any] = {}
    scopes: frozenset[str] | None = None
    slack_at: datetime | None = None
    received_at: datetime

    def part(self, name: str) -> Mapping[str, Any]:
        """One of the answer's objects; empty when it is not there."""
        found = self.data.get(name)
        return found if isinstance(found, dict) else {}


class Line:
    """Slack's Web API with one token."""

    def __init__(
        self, session: aiohttp.ClientSession, api_url: str, token: SecretStr, clock: Callable[[], datetime],
        *, limit_s: float = CALL_LIMIT_S,
    ) -> None:  # fmt: skip
        self._limit_s = limit_s
        self._session, self._api_url, self._token, self._clock = session, api_url, token, clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._auth: asyncio.Task[Answer] | None = None

    async def auth(self) -> Answer:
        """Who the token is; asked once, however many want to know."""
        if self._auth is None:
            self._auth = asyncio.create_task(self.ask("auth.test"))
        return await self._auth

    async def ask(self, method: str, **arguments: str) -> Answer:
        """Slack's answer or why there is none. Raises nothing that the network does."""
        async with self._turns:
            try:
                async with asyncio.timeout(self._limit_s):
                    return await self._call(method, arguments)
            except TimeoutError:
                return self._silence(f"nothing came within {self._limit_s:g} s")
            except (aiohttp.ClientError, OSError) as error:
                return self._silence(type(error).__name__)
            except (JSONDecodeError, UnicodeDecodeError):
                return self._silence("what came is not JSON")
            except ValueError:
                return self._silence("the token or the address cannot be sent: is there a line break in it?")

    async def _call(self, method: str, arguments: Mapping[str, str]) -> Answer:
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        async with self._session.post(self._api_url + method, headers=headers, data=arguments) as response:
            if response.status == 429:
                return Answer(error="ratelimited", received_at=self._clock())
            if response.status >= 400:
                return self._silence(f"HTTP {response.status}")
            data = await response.json(content_type=None)
            if not isinstance(data, dict):
                return self._silence("what came is no JSON object")
            return Answer(
                error="" if data.get("ok") else str(data.get("error") or "unknown_error"),
                data=data,
                scopes=_scopes(response.headers.get("x-oauth-scopes")),
                slack_at=_moment(response.headers.get("Date")),
                received_at=self._clock(),
            )

    def _silence(self, reason: str) -> Answer:
        return Answer(error=NO_ANSWER, reason=reason, received_at=self._clock())


def _scopes(header: str | None) -> frozenset[str] | None:
    return None if header is None else frozenset(part.strip() for part in header.split(",") if part.strip())


def _moment(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
