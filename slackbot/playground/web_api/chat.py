"""Answers chat.* and reactions.add; knows nothing of HTTP."""

from slackbot.playground.access import own_message, readable_channel, writable_channel
from slackbot.playground.limits import POST_TEXT, UPDATE_TEXT, check_message, check_metadata
from slackbot.playground.model import Draft, Message
from slackbot.playground.shapes import message_json
from slackbot.playground.web_api.arguments import Arguments
from slackbot.playground.web_api.site import Site
from slackbot.playground.wire import Json, SlackError


def post_message(site: Site, arguments: Arguments) -> Json:
    channel = writable_channel(site.workspace, arguments.required("channel", "channel_not_found"))
    message = site.workspace.post(_draft(site, arguments, channel.id))
    shown = message_json(site.workspace, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def post_ephemeral(site: Site, arguments: Arguments) -> Json:
    channel = writable_channel(site.workspace, arguments.required("channel", "channel_not_found"))
    user = arguments.text("user")
    if user not in site.workspace.people:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    draft = _draft(site, arguments, channel.id).model_copy(update={"ephemeral_for": user})
    return {"message_ts": site.workspace.post(draft).ts}


def update(site: Site, arguments: Arguments) -> Json:
    """What is not given stays: blocks go only when an empty list of them is given."""
    old = own_message(site.workspace, arguments.text("channel"), arguments.text("ts"), "cant_update_message")
    if site.workspace.channel(old.channel).archived:
        raise SlackError("is_archived")
    message = site.workspace.edit(old.channel, old.ts, site.workspace.bot_user_id, **_new_content(arguments, old))
    shown = message_json(site.workspace, message, metadata=True)
    return {"channel": old.channel, "ts": old.ts, "text": message.text, "message": shown}


def delete(site: Site, arguments: Arguments) -> Json:
    message = own_message(site.workspace, arguments.text("channel"), arguments.text("ts"), "cant_delete_message")
    site.workspace.delete(message.channel, message.ts)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(site: Site, arguments: Arguments) -> Json:
    channel = readable_channel(site.workspace, arguments.text("channel"))
    message = site.workspace.messages.get(channel.id, arguments.text("message_ts"))
    return {"channel": channel.id, "permalink": site.permalink(message)}


def add_reaction(site: Site, arguments: Arguments) -> Json:
    channel = readable_channel(site.workspace, arguments.text("channel"))
    name = arguments.required("name", "no_reaction").strip(":")
    site.workspace.react(channel.id, arguments.required("timestamp", "no_item_specified"), name, site.bot)
    return {}


def _draft(site: Site, arguments: Arguments, channel_id: str) -> Draft:
    blocks = arguments.objects("blocks", "invalid_blocks_format")
    attachments = arguments.objects("attachments", "invalid_attachments")
    text = arguments.text("text")
    check_message(text, blocks, attachments, longest_text=POST_TEXT)
    metadata = arguments.json("metadata", "invalid_metadata_format")
    check_metadata(metadata)
    return Draft(
        channel=channel_id,
        user=site.bot,
        text=text,
        thread_ts=arguments.text("thread_ts") or None,
        blocks=tuple(blocks),
        attachments=tuple(attachments),
        metadata=metadata if isinstance(metadata, dict) else None,
        link_names=arguments.flag("link_names") or arguments.text("parse") == "full",
    )


def _new_content(arguments: Arguments, old: Message) -> Json:
    content: Json = {}
    if arguments.has("text"):
        content["text"] = arguments.text("text")
    if arguments.given.get("blocks") is not None:
        content["blocks"] = tuple(arguments.objects("blocks", "invalid_blocks_format"))
    if arguments.given.get("attachments") is not None:
        content["attachments"] = tuple(arguments.objects("attachments", "invalid_attachments"))
    metadata = arguments.json("metadata", "invalid_metadata_format")
    check_metadata(metadata)
    if metadata is not None:
        content["metadata"] = metadata
    new = old.model_copy(update=content)
    check_message(new.text, list(new.blocks), list(new.attachments), longest_text=UPDATE_TEXT)
    if not content:
        raise SlackError("no_text")
    return content
