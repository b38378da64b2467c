"""Owns the payloads that Slack sends to an app: event callbacks, clicks, submissions; sends nothing."""

from slackbot.playground.model import Change, Channel, Message, Person, View
from slackbot.playground.shapes import message_json, view_json
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace

CHANNEL_TYPES = {"channel": "channel", "private": "group", "im": "im"}
SUBSCRIPTIONS = {"channel": "message.channels", "private": "message.groups", "im": "message.im"}


def events_of(workspace: Workspace, change: Change, subscribed: frozenset[str]) -> list[Json]:
    """The inner events of a change that an app with these subscriptions gets, in Slack's order."""
    message = change.message or change.previous
    if message is None or message.ephemeral_for or change.kind not in ("posted", "edited", "deleted"):
        return []
    channel = workspace.channel(message.channel)
    if workspace.bot_user_id not in channel.members:
        return []
    events = []
    if "app_mention" in subscribed and _is_new_mention(workspace, channel, change):
        events.append(_app_mention(workspace, message))
    if SUBSCRIPTIONS[channel.kind] in subscribed:
        events.append(_message_event(workspace, channel, change))
    return events


def _is_new_mention(workspace: Workspace, channel: Channel, change: Change) -> bool:
    """No `app_mention` in direct messages nor for the bot's own posts; for edits only when they bring the mention."""
    mark, message, previous = f"<@{workspace.bot_user_id}>", change.message, change.previous
    if message is None or channel.kind == "im" or message.user == workspace.bot_user_id:
        return False
    return mark in message.text and not (previous and mark in previous.text)


def _app_mention(workspace: Workspace, message: Message) -> Json:
    shown = {**message_json(workspace, message), "type": "app_mention"}
    return {**shown, "channel": message.channel, "event_ts": message.edited_ts or message.ts}


def _message_event(workspace: Workspace, channel: Channel, change: Change) -> Json:
    where = {"channel": channel.id, "channel_type": CHANNEL_TYPES[channel.kind]}
    if change.kind == "posted" and change.message:
        shown = message_json(workspace, change.message)
        if change.message.files:
            shown["subtype"] = "file_share"
        return {**shown, **where, "event_ts": change.message.ts}
    event_ts = workspace.ids.ts()
    event: Json = {"type": "message", "hidden": True, **where, "ts": event_ts, "event_ts": event_ts}
    if change.previous:
        event["previous_message"] = message_json(workspace, change.previous)
    if change.kind == "edited" and change.message:
        return {**event, "subtype": "message_changed", "message": message_json(workspace, change.message)}
    return {**event, "subtype": "message_deleted", "deleted_ts": change.previous.ts if change.previous else event_ts}


def event_callback(workspace: Workspace, event: Json) -> Json:
    """The envelope's payload around one inner event, with an event_id of its own."""
    who = {"enterprise_id": None, "team_id": workspace.team_id, "user_id": workspace.bot_user_id, "is_bot": True}
    return {
        "token": "local-verification-token",
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.ids.new("Ev"),
        "event_time": int(workspace.clock().timestamp()),
        "authorizations": [{**who, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": f"4-local-{workspace.app_id}",
    }


def block_actions(workspace: Workspace, message: Message, user: str, action: Json, links: Json) -> Json:
    """A click. `links`: trigger_id and response_url."""
    container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    container["is_ephemeral"] = bool(message.ephemeral_for)
    channel = workspace.channel(message.channel)
    shown = message_json(workspace, message, metadata=True)
    where = {"container": container, "channel": {"id": channel.id, "name": channel.name or "directmessage"}}
    state = {"state": {"values": {}}, "actions": [action]}
    return {**_who(workspace, user, "block_actions"), **where, "message": shown, **links, **state}


def action_of(element: Json, block_id: str, action_ts: str, value: str | None) -> Json:
    """What a click on this element says. `value` overrides a button's value or names a select's option."""
    action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
    if element["type"] in ("static_select", "radio_buttons", "overflow"):
        options = element.get("options") or []
        chosen = next((option for option in options if value in (None, option.get("value"))), None)
        action["selected_option"] = chosen or {"text": {"type": "plain_text", "text": value or ""}, "value": value}
    else:
        shown: Json = {name: element[name] for name in ("text", "value", "url", "style") if name in element}
        action |= shown | ({} if value is None else {"value": value})
    return {**action, "action_ts": action_ts}


def view_submission(workspace: Workspace, view: View, values: Json, trigger_id: str) -> Json:
    shown = {**view_json(workspace, view), "state": {"values": values}}
    who = _who(workspace, view.user, "view_submission")
    return {**who, "trigger_id": trigger_id, "view": shown, "response_urls": []}


def input_state(view: View, values: dict[str, dict[str, str]]) -> Json:
    """`state.values` of a modal: every input block, with what the person typed or picked. Raises LookupError."""
    inputs = {str(block.get("block_id")): block["element"] for block in view.view["blocks"] if "element" in block}
    unknown = [name for name in values if name not in inputs]
    if unknown:
        raise LookupError(f"the modal has no input block {unknown[0]!r}; it has {sorted(inputs)}")
    state: Json = {}
    for block_id, element in inputs.items():
        action_id = str(element.get("action_id", ""))
        typed = values.get(block_id, {}).get(action_id, element.get("initial_value"))
        state[block_id] = {action_id: _input_value(element, typed)}
    return state


def _input_value(element: Json, typed: str | None) -> Json:
    if element["type"] in ("static_select", "radio_buttons"):
        options = element.get("options") or []
        chosen = next((option for option in options if option.get("value") == typed), None)
        return {"type": element["type"], "selected_option": chosen}
    return {"type": element["type"], "value": typed or None}


def _who(workspace: Workspace, user: str, kind: str) -> Json:
    person: Person = workspace.people[user]
    shown = {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id}
    team = {"id": workspace.team_id, "domain": workspace.name}
    marks = {"token": "local-verification-token", "enterprise": None, "is_enterprise_install": False}
    return {"type": kind, "user": shown, "api_app_id": workspace.app_id, "team": team, **marks}
