"""What Slack may send, and what nobody would: well-formed payloads, and how one is garbled. Sends nothing."""

import copy
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

BOT, BOT_ID, TEAM = "U0PITCREW", "B0PITCREW", "T0TEAM"
PEOPLE = ("U0ALICE", "U0BOB", "U0CAROL")
CHANNELS = ("C0INCIDENTS", "C0GENERAL", "D0ALICE")

WORDS = st.one_of(
    st.sampled_from(["fix the timeout", "stop", "help", "", "pause", "<!channel> & <https://a.b|c>", "repo:un/known"]),
    st.text(max_size=40),
    st.sampled_from(["long " * 8000, "ünï © 🙂 \u202e \u0000", "{who} {0} %s", "```" * 50]),
)
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "x", "\x00", "\ud800", "U" * 5000, "C0 X", "1.0:2", [], {}, [None], [[[]]], {"id": 5}]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
)
GONE = object()


def envelope(number: int, event: Json) -> Json:
    """An event as the Events API wraps it; each one has an id of its own, also the twin of a message."""
    return {
        "type": "event_callback", "team_id": TEAM, "api_app_id": "A0", "event_id": f"Ev{number}", "event_time": number,
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "enterprise_id": None}], "event": event,
    }  # fmt: skip


def message(channel: str, ts: str, user: str, text: str, thread_ts: str | None = None) -> Json:
    kind = "im" if channel.startswith("D") else "channel"
    said = {"type": "message", "channel": channel, "channel_type": kind, "ts": ts, "user": user, "text": text}
    return said | ({"thread_ts": thread_ts} if thread_ts else {}) | {"team": TEAM}


def mention(said: Json) -> Json:
    """The `app_mention` that comes beside a message."""
    return {name: value for name, value in said.items() if name != "channel_type"} | {"type": "app_mention"}


def edit(said: Json, ts: str, text: str) -> Json:
    now = {**said, "text": text, "edited": {"user": said["user"], "ts": ts}}
    where = {name: said[name] for name in ("channel", "channel_type")}
    return {
        "type": "message", "subtype": "message_changed", **where, "ts": ts, "message": now, "previous_message": said,
    }  # fmt: skip


def by_app(channel: str, ts: str, bot_id: str, text: str, thread_ts: str | None) -> Json:
    """An app's post: an alert, or our own one on its way back to us."""
    said = message(channel, ts, "", text, thread_ts) | {"subtype": "bot_message", "bot_id": bot_id}
    del said["user"]
    return said | {"attachments": [{"title": "p99", "text": text}], "blocks": [{"type": "divider"}]}


def noise(channel: str, ts: str, kind: str) -> Json:
    """Events that are nobody saying something."""
    if kind in {"channel_join", "message_deleted", "channel_topic", "brand_new_subtype"}:
        return message(channel, ts, PEOPLE[0], f"<@{BOT}> {kind}") | {"subtype": kind}
    return {"type": kind, "user": PEOPLE[0], "channel": channel, "tab": "home", "view": None, "event_ts": ts}


NOISE = (
    "channel_join", "message_deleted", "channel_topic", "brand_new_subtype", "reaction_added", "app_home_opened",
    "tokens_revoked", "app_uninstalled", "team_join", "function_executed",
)  # fmt: skip


def click(said: Json, ts: str, user: str, action: str, value: str) -> Json:
    thread_ts = said.get("thread_ts") or said["ts"]
    return {
        "type": "block_actions", "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM}, "api_app_id": "A0",
        "channel": {"id": said["channel"]}, "message": {"ts": f"{thread_ts}9", "thread_ts": thread_ts},
        "container": {"type": "message", "message_ts": f"{thread_ts}9", "channel_id": said["channel"]},
        "actions": [{"type": "button", "action_id": action, "action_ts": ts, "value": value}],
        "trigger_id": f"1.2.{ts}",
    }  # fmt: skip


def submission(ts: str, user: str, value: str, text: str) -> Json:
    state = {"values": {"feedback": {"text": {"type": "plain_text_input", "value": text}}}}
    view = {"id": f"V{ts}", "callback_id": "rework", "private_metadata": value, "state": state}
    return {"type": "view_submission", "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM}, "view": view}


def garbled(payload: Json, junk: Any, chance: Random) -> Json:
    """The payload with one of its places, however deep, replaced by junk, or gone."""
    broken = copy.deepcopy(payload)
    inside, name = chance.choice(list(_places(broken)))
    if junk is GONE:
        del inside[name]
    else:
        inside[name] = junk
    return broken


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, inside in list(items):
        yield value, name
        yield from _places(inside)
