"""Owns Slack's numbers for messages and modals outside their blocks; knows no method."""

import json

from slackbot.playground.blocks import block_faults, text_length
from slackbot.playground.wire import Json, SlackError

POST_TEXT = 40_000
UPDATE_TEXT = 4_000
METADATA_BYTES = 16_000
ATTACHMENTS = 100
MESSAGE_BLOCKS = 50
MODAL_BLOCKS = 100
MODAL_TITLE = 24
MODAL_BYTES = 250_000
CALLBACK_ID = 255
PRIVATE_METADATA = 3_000
# Undocumented: 9,600 characters in 50 blocks were seen to pass, 11,300 in 45 to be refused, one block of 12,000 to
# pass. Slack's engineers name 12,000 "with a buffer for block containers".
BLOCKS_TEXT = 12_000
BLOCKS_TEXT_PER_FURTHER_BLOCK = 30


def check_message(text: str, blocks: list[Json], attachments: list[Json], *, longest_text: int) -> None:
    """Raise the SlackError that this content meets."""
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if len(text) > longest_text:
        raise SlackError("msg_too_long")
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    check_blocks(blocks)
    for attachment in attachments:
        check_blocks(list(attachment.get("blocks", ())))


def check_blocks(blocks: list[Json]) -> None:
    faults = block_faults(blocks, surface="message")
    if len(blocks) > MESSAGE_BLOCKS:
        faults.insert(0, f"no more than {MESSAGE_BLOCKS} items allowed [json-pointer:/blocks]")
    if faults:
        raise SlackError("invalid_blocks", *faults)
    if text_length(blocks) > BLOCKS_TEXT - BLOCKS_TEXT_PER_FURTHER_BLOCK * max(len(blocks) - 1, 0):
        raise SlackError("msg_blocks_too_long")


def check_metadata(metadata: object) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise SlackError("metadata_too_large")


def check_view(view: object) -> None:
    """Raise `invalid_arguments` with every fault of a modal, or `view_too_large`."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "must provide an object [json-pointer:/view]")
    if len(json.dumps(view)) > MODAL_BYTES:
        raise SlackError("view_too_large")
    faults = [*_header_faults(view), *_size_faults(view)]
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        faults.append("missing required field: blocks [json-pointer:/view]")
    else:
        faults += block_faults(blocks, surface="modal", at="/view/blocks")
        if len(blocks) > MODAL_BLOCKS:
            faults.append(f"no more than {MODAL_BLOCKS} items allowed [json-pointer:/view/blocks]")
        if any(block.get("type") == "input" for block in blocks if isinstance(block, dict)) and not view.get("submit"):
            faults.append("missing required field: submit [json-pointer:/view]")
    if faults:
        raise SlackError("invalid_arguments", *faults)


def _header_faults(view: Json) -> list[str]:
    faults = []
    if view.get("type") != "modal":
        faults.append("must be one of: modal [json-pointer:/view/type]")
    for name in ("title", "submit", "close"):
        shown = view.get(name)
        if shown is None:
            if name == "title":
                faults.append("missing required field: title [json-pointer:/view]")
        elif not isinstance(shown, dict) or shown.get("type") != "plain_text" or not shown.get("text"):
            faults.append(f"must be plain_text [json-pointer:/view/{name}]")
        elif len(shown["text"]) > MODAL_TITLE:
            faults.append(f"must be less than {MODAL_TITLE + 1} characters [json-pointer:/view/{name}/text]")
    return faults


def _size_faults(view: Json) -> list[str]:
    return [
        f"must be less than {most + 1} characters [json-pointer:/view/{name}]"
        for name, most in (("callback_id", CALLBACK_ID), ("private_metadata", PRIVATE_METADATA))
        if len(str(view.get(name, ""))) > most
    ]
