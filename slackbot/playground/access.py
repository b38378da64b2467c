"""Owns what the bot may do where: membership, archives, authorship; answers with Slack's error codes."""

from slackbot.playground.model import Channel, Message
from slackbot.playground.wire import SlackError
from slackbot.playground.workspace import Workspace


def readable_channel(workspace: Workspace, channel_id: str) -> Channel:
    """A channel whose messages the bot may read. Raises `channel_not_found`, `not_in_channel`."""
    channel = known_channel(workspace, channel_id)
    if workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def known_channel(workspace: Workspace, channel_id: str) -> Channel:
    """A channel that the bot may know of: a private one only as a member. Raises `channel_not_found`."""
    channel = workspace.channel(channel_id)
    if channel.kind != "channel" and workspace.bot_user_id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def writable_channel(workspace: Workspace, channel_id: str) -> Channel:
    """A channel where the bot may post; a user's id means the direct message with them. Raises `is_archived` too."""
    if channel_id in workspace.people:
        return workspace.direct_channel(channel_id)
    channel = readable_channel(workspace, channel_id)
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def own_message(workspace: Workspace, channel_id: str, ts: str, code: str) -> Message:
    """A message that the bot wrote. Raises `code` for somebody else's."""
    message = workspace.messages.get(readable_channel(workspace, channel_id).id, ts)
    if message.user != workspace.bot_user_id:
        raise SlackError(code)
    return message
