"""Owns how channels, people, messages and views look on the wire; decides nothing."""

from slackbot.playground.markup import CONTROL, unescaped
from slackbot.playground.model import Channel, File, Group, Message, Person, View
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace


def message_json(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """A message as history, replies, events and clicks carry it; thread facts of a parent included."""
    if message.tombstone:
        return _tombstone(workspace, message)
    shown: Json = {"type": "message", "ts": message.ts, "text": message.text}
    shown |= _author(workspace, message)
    shown |= _content(workspace, message)
    if message.edited_ts:
        shown["edited"] = {"user": message.edited_by or message.user, "ts": message.edited_ts}
    if metadata and message.metadata:
        shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = [
            {"name": reaction.name, "users": list(reaction.by), "count": len(reaction.by)}
            for reaction in message.reactions
        ]
    return shown | _thread(workspace, message)


def _author(workspace: Workspace, message: Message) -> Json:
    if message.user == workspace.bot_user_id:
        profile = {"id": workspace.bot_id, "app_id": workspace.app_id, "name": workspace.name_of(message)}
        own = {"user": message.user, "bot_id": workspace.bot_id, "app_id": workspace.app_id}
        return {**own, "team": workspace.team_id, "bot_profile": {**profile, "team_id": workspace.team_id}}
    if message.user is None:
        return {"subtype": "bot_message", "bot_id": message.bot_id, "username": message.username}
    team = workspace.people[message.user].team_id if message.user in workspace.people else workspace.team_id
    return {"user": message.user, "team": team, "client_msg_id": f"local-{message.ts}"}


def _content(workspace: Workspace, message: Message) -> Json:
    content: Json = {}
    if message.blocks:
        content["blocks"] = list(message.blocks)
    elif message.user in workspace.people and message.user != workspace.bot_user_id:
        content["blocks"] = [rich_text(message.text)]
    if message.attachments:
        content["attachments"] = [{"id": n, **attachment} for n, attachment in enumerate(message.attachments, 1)]
    if message.files:
        content |= {"files": [file_json(file) for file in message.files], "upload": False}
    return content


def rich_text(text: str) -> Json:
    """The block that Slack's client makes of what a person typed."""
    elements: list[Json] = []
    end = 0
    for found in CONTROL.finditer(text):
        if text[end : found.start()]:
            elements.append({"type": "text", "text": unescaped(text[end : found.start()])})
        elements.append(_rich_control(found.group(1)))
        end = found.end()
    if text[end:]:
        elements.append({"type": "text", "text": unescaped(text[end:])})
    return {"type": "rich_text", "block_id": "typed", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _rich_control(token: str) -> Json:
    if token.startswith("@"):
        return {"type": "user", "user_id": token[1:]}
    if token.startswith("#"):
        return {"type": "channel", "channel_id": token[1:]}
    if token.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": token.removeprefix("!subteam^")}
    return {"type": "broadcast", "range": token[1:]} if token.startswith("!") else {"type": "link", "url": token}


def _thread(workspace: Workspace, message: Message) -> Json:
    if message.thread_ts:
        parent = workspace.messages.root(message)
        return {"thread_ts": message.thread_ts, "parent_user_id": parent.user or parent.bot_id}
    replies = workspace.messages.thread(message.channel, message.ts)[1:]
    if not replies:
        return {}
    authors = list(dict.fromkeys(reply.user or reply.bot_id for reply in replies))
    counts = {"reply_count": len(replies), "reply_users_count": len(authors), "reply_users": authors[:5]}
    return {"thread_ts": message.ts, **counts, "latest_reply": replies[-1].ts, "is_locked": False, "subscribed": False}


def _tombstone(workspace: Workspace, message: Message) -> Json:
    marks = {"type": "message", "subtype": "tombstone", "text": "This message was deleted.", "hidden": True}
    return {**marks, "user": "USLACKBOT", "ts": message.ts} | _thread(workspace, message)


def file_json(file: File) -> Json:
    kind = file.name.rpartition(".")[2]
    shown = {"id": file.id, "name": file.name, "title": file.name, "mimetype": file.mimetype, "filetype": kind}
    return {**shown, "user": file.by, "mode": "hosted", "size": 1, "url_private": f"https://files.local/{file.id}"}


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    is_im, is_private = channel.kind == "im", channel.kind == "private"
    shown: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "channel",
        "is_group": is_private,
        "is_im": is_im,
        "is_mpim": False,
        "is_private": is_private or is_im,
        "is_archived": channel.archived,
        "is_ext_shared": False,
        "context_team_id": workspace.team_id,
        "created": 0,
    }
    if is_im:
        return shown | {"user": channel.im_user, "is_open": True}
    is_member = workspace.bot_user_id in channel.members
    return shown | {"name": channel.name, "name_normalized": channel.name, "is_member": is_member}


def person_json(person: Person) -> Json:
    guest = {"is_restricted": person.is_restricted, "is_ultra_restricted": person.is_ultra_restricted}
    profile = {"real_name": person.shown_name, "display_name": person.name, "team": person.team_id}
    who = {"id": person.id, "team_id": person.team_id, "name": person.name, "real_name": person.shown_name}
    shown = {**who, "deleted": person.deleted, "profile": profile, "is_bot": person.is_bot, "is_app_user": False}
    # A deactivated account answers without the guest flags.
    return shown if person.deleted else {**shown, **guest, "tz": "Europe/Berlin", "is_admin": False, "is_owner": False}


def group_json(workspace: Workspace, group: Group, *, users: bool) -> Json:
    shown = {"id": group.id, "team_id": workspace.team_id, "is_usergroup": True, "handle": group.handle}
    shown |= {"name": group.handle, "user_count": len(group.members), "date_delete": int(group.disabled)}
    return shown | ({"users": list(group.members)} if users else {})


def view_json(workspace: Workspace, view: View) -> Json:
    """A view as the app gets it back: with its id, hash, state and all optional fields."""
    empty = {"private_metadata": "", "callback_id": "", "submit": None, "close": None, "external_id": ""}
    own = {"id": view.id, "team_id": workspace.team_id, "hash": view.hash, "app_id": workspace.app_id}
    links = {"root_view_id": view.id, "previous_view_id": None, "bot_id": workspace.bot_id}
    return {**empty, **view.view, **own, **links, "state": {"values": {}}}
