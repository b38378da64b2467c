"""One call to Slack's Web API, once: what went wrong comes back in our words. Does not wait, repeat or pace."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.core.errors import CardGone, ChatError, ThreadGone

Answer = dict[str, Any]

# tests/test_manifest.py finds the scopes that we need by these names.
METHODS: dict[str, Callable[..., Awaitable[AsyncSlackResponse]]] = {
    "auth.test": AsyncWebClient.auth_test,
    "chat.getPermalink": AsyncWebClient.chat_getPermalink,
    "chat.postEphemeral": AsyncWebClient.chat_postEphemeral,
    "chat.postMessage": AsyncWebClient.chat_postMessage,
    "chat.update": AsyncWebClient.chat_update,
    "conversations.history": AsyncWebClient.conversations_history,
    "conversations.replies": AsyncWebClient.conversations_replies,
    "usergroups.users.list": AsyncWebClient.usergroups_users_list,
    "users.info": AsyncWebClient.users_info,
    "views.open": AsyncWebClient.views_open,
}
THREAD_GONE = frozenset({"is_archived", "channel_not_found", "not_in_channel", "thread_not_found"})
CARD_GONE = frozenset({"message_not_found", "cant_update_message"})
SLACKS_FAULT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
DEFAULT_RETRY_AFTER_S = 30.0


class Outage(ChatError):
    """No answer, or Slack's own fault: the call may have had its effect."""

    def __init__(self, method: str, reason: str) -> None:
        super().__init__("Slack", method, reason, retryable=True, unknown=True)


class RateLimited(ChatError):
    """Too many calls; nothing happened. Not before `retry_after_s`."""

    def __init__(self, method: str, retry_after_s: float) -> None:
        super().__init__("Slack", method, "ratelimited", retryable=True)
        self.retry_after_s = retry_after_s


class Wire:
    """The Web API with slack_sdk's own retries off: they would post twice after a lost reply."""

    def __init__(self, client: AsyncWebClient, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = AsyncWebClient(
            token=client.token,
            base_url=client.base_url,
            timeout=client.timeout,
            ssl=client.ssl,
            proxy=client.proxy,
            session=client.session,
            logger=client.logger,
            retry_handlers=[],
        )

    async def call(self, method: str, arguments: Answer) -> Answer:
        """Slack's answer. Raises Outage, RateLimited, ThreadGone, CardGone or another ChatError."""
        try:
            async with asyncio.timeout(self._timeout_s):
                response = (await METHODS[method](self._client, **_given(arguments))).data
        except SlackApiError as error:
            raise _refusal(method, error) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Outage(method, type(error).__name__) from error
        except AttributeError as error:  # slack_sdk's way of meeting a 200 with plain text, from a proxy
            raise Outage(method, "no_json") from error
        except SlackClientError as error:
            raise ChatError("Slack", method, type(error).__name__) from error
        if not isinstance(response, dict):
            raise Outage(method, "no_json")
        return response


def _given(arguments: Answer) -> Answer:
    return {name: value for name, value in arguments.items() if value is not None}


def _refusal(method: str, error: SlackApiError) -> ChatError:
    response = error.response
    # slack_sdk hands over its own response, or aiohttp's when the body was no JSON.
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code in RATE_LIMITED:
        return RateLimited(method, _retry_after(response))
    if status >= 500 or code in SLACKS_FAULT or (status == 200 and not code):
        return Outage(method, code or f"http_{status}")
    family = ThreadGone if code in THREAD_GONE else CardGone if code in CARD_GONE else ChatError
    return family("Slack", method, code or f"http_{status}")


def _retry_after(response: object) -> float:
    headers = getattr(response, "headers", {})
    try:
        return max(0.0, float(headers.get("Retry-After", DEFAULT_RETRY_AFTER_S)))
    except ValueError:
        return DEFAULT_RETRY_AFTER_S
