"""A Slack message's attachments and blocks as the text that a person would read. Looks nobody up, calls nothing."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

Json = Mapping[str, Any]

MESSAGE_LIMIT = 8000
REPEAT_LENGTH = 12  # shorter texts may be inside another by chance
_CONTAINERS = ("fields", "elements")
_JOINTS = {"rich_text_section": "", "rich_text_preformatted": "", "rich_text_quote": "", "context": " "}
_LITERAL = frozenset({"plain_text", "text"})  # no control sequences in there: `<` is just that


def message_text(message: Json) -> str:
    """What the message says, still with Slack's control sequences; for people's own messages the text alone."""
    text = str(message.get("text") or "").strip()
    blocks = "\n".join(_blocks(message.get("blocks")))
    by_person = bool(message.get("user")) and not message.get("bot_id")
    parts = [text] if by_person and text else [text, blocks]
    parts += [_attachment(attachment) for attachment in message.get("attachments") or ()]
    parts += [
        f"[file: {file.get('name') or file.get('title') or 'without a name'}]" for file in message.get("files") or ()
    ]
    whole = "\n".join(_without_repeats(parts))
    return whole if len(whole) <= MESSAGE_LIMIT else whole[:MESSAGE_LIMIT] + "… (cut)"


def _without_repeats(parts: Iterable[str]) -> list[str]:
    """Bots say the same in `text`, blocks and attachments: what a longer part contains is left out."""
    found = list(dict.fromkeys(part for part in parts if part.strip()))
    return [part for part in found if not any(_contains(other, part) for other in found if other is not part)]


def _contains(other: str, part: str) -> bool:
    inside = _bare(part)
    return REPEAT_LENGTH <= len(inside) < len(_bare(other)) and inside in _bare(other)


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _attachment(attachment: Json) -> str:
    title, address = str(attachment.get("title") or ""), str(attachment.get("title_link") or "")
    lines = [
        str(attachment.get("pretext") or ""),
        f"<{address}|{title}>" if title and address else title,
        str(attachment.get("text") or ""),
        *(f"{field.get('title', '')}: {field.get('value', '')}" for field in attachment.get("fields") or ()),
        *_blocks(attachment.get("blocks")),
        str(attachment.get("footer") or ""),
    ]
    shown = [line for line in lines if line.strip()]
    return "\n".join(shown) or str(attachment.get("fallback") or "")


def _blocks(blocks: object) -> list[str]:
    if not isinstance(blocks, list):
        return []
    return [text for block in blocks if isinstance(block, dict) and (text := _block(block).strip())]


def _block(block: Json) -> str:
    """One block's text; buttons and menus are nothing to read."""
    kind = block.get("type")
    if kind == "actions":
        return ""
    if kind == "image":
        title = block.get("title") or {}
        return f"[image: {title.get('text') or block.get('alt_text') or ''}]"
    children = [_block(child) for name in _CONTAINERS for child in block.get(name) or () if isinstance(child, dict)]
    inside = _JOINTS.get(str(kind), "\n").join(child for child in children if child)
    return "\n".join(part for part in (_text(block), inside) if part)


def _text(block: Json) -> str:
    text = block.get("text")
    if isinstance(text, dict):
        return _text(text)
    if block.get("type") in _LITERAL:
        return escape(str(text or ""), quote=False)
    match block.get("type"):
        case "link":
            return f"<{block.get('url', '')}|{text}>" if text else str(block.get("url") or "")
        case "user":
            return f"<@{block.get('user_id', '')}>"
        case "channel":
            return f"<#{block.get('channel_id', '')}>"
        case "usergroup" | "broadcast":
            return f"@{block.get('usergroup_id') or block.get('range') or ''}"
        case "emoji":
            return f":{block.get('name', '')}:"
        case _:
            return str(text or "")
