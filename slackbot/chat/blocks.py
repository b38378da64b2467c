"""The few Block Kit shapes that we post, with Slack's limits. Knows nothing of tasks; texts arrive as safe mrkdwn."""

import json
from typing import Any

Block = dict[str, Any]

BLOCKS_LIMIT = 50
MESSAGE_LIMIT = 9500  # of all blocks as JSON: Slack says msg_blocks_too_long somewhere above 10,000
BUTTON_TEXT_LIMIT = 75
OPTION_TEXT_LIMIT = 75
OPTION_VALUE_LIMIT = 150
OPTIONS_LIMIT = 100


def mrkdwn(text: str) -> Block:
    """Verbatim, so that Slack links and mentions nothing by itself: not a typed @here, not a bare address."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Block:
    """Slack refuses a text of nothing but white space."""
    return {"type": "section", "text": mrkdwn(text if text.strip() else "…")}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(elements: list[Block]) -> Block:
    return {"type": "actions", "elements": elements}


def size(blocks: list[Block]) -> int:
    """How many characters they take on the wire."""
    return len(json.dumps(blocks, ensure_ascii=False))
