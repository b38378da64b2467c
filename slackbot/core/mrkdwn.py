"""Slack's mrkdwn, the reading side: control sequences become words. Knows no message and looks nobody up."""

import html
import re
from collections.abc import Mapping

_CONTROL = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_LEADING_MENTIONS = re.compile(r"(?:[\s,:]*<@[UW][A-Z0-9]+(?:\|[^<>]*)?>)+[\s,:]*")
_MENTIONED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


def plain_text(text: str, names: Mapping[str, str] | None = None) -> str:
    """What a reader sees: `<url|text>` as "text (url)", `<@U1>` as "@Ann" where `names` knows her, entities undone."""
    known = names or {}
    return html.unescape(_CONTROL.sub(lambda found: _word(found.group(1), found.group(2), known), text))


def without_address(text: str) -> str:
    """A request without the mentions that it opens with: they only say that the bot is meant."""
    return _LEADING_MENTIONS.sub("", text, count=1) if _LEADING_MENTIONS.match(text) else text


def mentioned(text: str) -> list[str]:
    """User ids of the people a text mentions."""
    return _MENTIONED.findall(text)


def _word(target: str, label: str | None, names: Mapping[str, str]) -> str:
    match target[:1]:
        case "@":
            return "@" + (names.get(target[1:]) or label or target[1:])
        case "#":
            return "#" + (label or target[1:]).removeprefix("#")
        case "!":
            return label or "@" + target[1:].partition("^")[0]
        case _:
            return f"{label} ({target})" if label and label != target else target
