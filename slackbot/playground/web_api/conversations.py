"""Answers conversations.*; knows nothing of HTTP."""

import base64
import binascii

from slackbot.playground.access import known_channel, readable_channel
from slackbot.playground.model import Message
from slackbot.playground.shapes import channel_json, message_json
from slackbot.playground.web_api.arguments import Arguments
from slackbot.playground.web_api.site import Site
from slackbot.playground.wire import Json, SlackError

MOST = 1_000


def replies(site: Site, arguments: Arguments) -> Json:
    """The thread, oldest first. Every page begins with the parent; the other messages are paged and filtered."""
    channel = readable_channel(site.workspace, arguments.required("channel", "channel_not_found"))
    thread = site.workspace.messages.thread(channel.id, arguments.text("ts"))
    if not thread:
        raise SlackError("thread_not_found")
    rest = [message for message in thread[1:] if _inside(message, arguments)]
    page, answer = _page(rest, arguments, room=max(_limit(arguments, MOST) - 1, 1))
    return answer | {"messages": _shown(site, [thread[0], *page], arguments)}


def history(site: Site, arguments: Arguments) -> Json:
    """Messages outside threads, newest first."""
    channel = readable_channel(site.workspace, arguments.required("channel", "channel_not_found"))
    found = [message for message in site.workspace.messages.top_level(channel.id) if _inside(message, arguments)]
    page, answer = _page(found[::-1], arguments, room=_limit(arguments, 100))
    return answer | {"messages": _shown(site, page, arguments)}


def info(site: Site, arguments: Arguments) -> Json:
    channel = known_channel(site.workspace, arguments.required("channel", "channel_not_found"))
    shown = channel_json(site.workspace, channel)
    if arguments.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def members(site: Site, arguments: Arguments) -> Json:
    channel = known_channel(site.workspace, arguments.required("channel", "channel_not_found"))
    start, room = _start(arguments), _limit(arguments, 100)
    more = len(channel.members) > start + room
    cursor = _cursor(start + room) if more else ""
    return {"members": list(channel.members[start : start + room]), "response_metadata": {"next_cursor": cursor}}


def open_conversation(site: Site, arguments: Arguments) -> Json:
    """Direct messages with one person only."""
    if arguments.has("channel"):
        return {"channel": {"id": known_channel(site.workspace, arguments.text("channel")).id}}
    users = arguments.required("users", "users_list_not_supplied").split(",")
    if len(users) != 1 or users[0] not in site.workspace.people:
        raise SlackError("user_not_found")
    if site.workspace.people[users[0]].deleted:
        raise SlackError("user_disabled")
    channel = site.workspace.direct_channel(users[0])
    whole = arguments.flag("return_im")
    return {"channel": channel_json(site.workspace, channel) if whole else {"id": channel.id}}


def _shown(site: Site, messages: list[Message], arguments: Arguments) -> list[Json]:
    metadata = arguments.flag("include_all_metadata")
    return [message_json(site.workspace, message, metadata=metadata) for message in messages]


def _inside(message: Message, arguments: Arguments) -> bool:
    oldest, latest = _time(arguments, "oldest"), _time(arguments, "latest")
    at = _exact(message.ts)
    if arguments.flag("inclusive"):
        return (oldest is None or at >= oldest) and (latest is None or at <= latest)
    return (oldest is None or at > oldest) and (latest is None or at < latest)


def _time(arguments: Arguments, name: str) -> int | None:
    text = arguments.text(name)
    if text in ("", "0", "now"):
        return None
    if not text.replace(".", "", 1).isdigit():
        raise SlackError(f"invalid_ts_{name}")
    return _exact(text)


def _exact(ts: str) -> int:
    seconds, _, micros = ts.partition(".")
    return int(seconds) * 1_000_000 + int(micros.ljust(6, "0")[:6] or 0)


def _page(messages: list[Message], arguments: Arguments, room: int) -> tuple[list[Message], Json]:
    start = _start(arguments)
    more = len(messages) > start + room
    answer: Json = {"has_more": more}
    if more:
        answer["response_metadata"] = {"next_cursor": _cursor(start + room)}
    return messages[start : start + room], answer


def _limit(arguments: Arguments, default: int) -> int:
    limit = arguments.number("limit", default)
    if not 0 < limit <= MOST:
        raise SlackError("invalid_limit")
    return limit


def _cursor(start: int) -> str:
    return base64.b64encode(f"from:{start}".encode()).decode()


def _start(arguments: Arguments) -> int:
    cursor = arguments.text("cursor")
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("from:"))
    except (binascii.Error, ValueError) as error:
        raise SlackError("invalid_cursor") from error
