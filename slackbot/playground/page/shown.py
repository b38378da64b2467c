"""Owns what one person sees of a workspace, as JSON for the page; refuses to know how it travels or looks."""

from slackbot.playground.model import Channel, Message, View
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace


def everything(workspace: Workspace, viewer: str) -> Json:
    """The whole workspace for this person. Raises KeyError when there is no such person."""
    own = [channel for channel in workspace.channels.values() if viewer in channel.members]
    return {
        "you": viewer,
        "bot": workspace.bot_user_id,
        "team": workspace.name,
        "people": {person.id: _person(workspace, person.id) for person in workspace.people.values()},
        "groups": {group.id: group.handle for group in workspace.groups.values()},
        "channels": [_channel(channel) for channel in own],
        "messages": [shown for channel in own for shown in _messages(workspace, channel, viewer)],
        "views": views(workspace, viewer),
    }


def sees(workspace: Workspace, message: Message, viewer: str) -> bool:
    """Ephemeral messages are one person's; the others are for the channel's members."""
    if message.ephemeral_for:
        return message.ephemeral_for == viewer
    return viewer in workspace.channels[message.channel].members


def message_shown(workspace: Workspace, message: Message, viewer: str) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "thread": message.thread_ts,
        "author": _author(workspace, message),
        "text": message.text,
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "files": [file.name for file in message.files],
        "edited": bool(message.edited_ts),
        "onlyYou": message.ephemeral_for == viewer,
        "deleted": message.tombstone,
        "pinged": viewer in message.pings,
        "reactions": [
            {"name": reaction.name, "count": len(reaction.by), "yours": viewer in reaction.by}
            for reaction in message.reactions
        ],
    }


def views(workspace: Workspace, viewer: str) -> list[Json]:
    """The modals that are open for this person, the newest last."""
    return [_view(view) for view in workspace.views.values() if view.user == viewer]


def _messages(workspace: Workspace, channel: Channel, viewer: str) -> list[Json]:
    private = [message for message in workspace.messages.ephemeral if message.channel == channel.id]
    found = [*workspace.messages.in_channel(channel.id), *private]
    return [message_shown(workspace, message, viewer) for message in found if sees(workspace, message, viewer)]


def _view(view: View) -> Json:
    return {"id": view.id, "hash": view.hash, "view": {**view.view, "private_metadata": ""}}


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": channel.name, "kind": channel.kind, "archived": channel.archived}


def _person(workspace: Workspace, user: str) -> Json:
    person = workspace.people[user]
    guest = person.is_restricted or person.is_ultra_restricted
    return {"name": person.name, "shown": person.shown_name, "bot": person.is_bot, "guest": guest}


def _author(workspace: Workspace, message: Message) -> Json:
    app = message.user in (None, workspace.bot_user_id)
    return {"id": message.user or message.bot_id or "", "name": workspace.name_of(message), "app": app}
