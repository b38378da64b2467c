"""Owns Slack's mrkdwn control sequences: what a typed text becomes, whom a sent text pings; knows no wire."""

import re
from collections.abc import Iterable, Iterator

from slackbot.playground.model import Channel, Group, Person
from slackbot.playground.wire import Json

CONTROL = re.compile(
    r"<(@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel|!everyone|https?://[^>]*)"
    r"(\|[^>]*)?>"
)
NAMED = re.compile(r"(?<![\w@&/.])@([A-Za-z0-9][\w.-]*\w|\w)")
BROADCASTS = ("here", "channel", "everyone")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, people: Iterable[Person], groups: Iterable[Group]) -> str:
    """What Slack's client sends when somebody types this: `@name` becomes a mention, `& < >` are escaped.

    Control sequences that are written out already, such as <@U1>, stay as they are.
    """
    pieces: list[str] = []
    end = 0
    for found in CONTROL.finditer(text):
        pieces += (escaped(text[end : found.start()]), found.group())
        end = found.end()
    pieces.append(escaped(text[end:]))
    return linked("".join(pieces), people, groups)


def linked(text: str, people: Iterable[Person], groups: Iterable[Group]) -> str:
    """Turn `@name`, `@handle` and `@channel` into control sequences, as typing or `link_names` does."""
    names = {name: f"<!{name}>" for name in BROADCASTS}
    names |= {group.handle: f"<!subteam^{group.id}>" for group in groups}
    names |= {person.name: f"<@{person.id}>" for person in people}
    return NAMED.sub(lambda found: names.get(found.group(1), found.group()), text)


def pinged(texts: Iterable[str], channel: Channel, people: dict[str, Person], groups: dict[str, Group]) -> set[str]:
    """The people whom these texts notify.

    Stricter than Slack: code spans and threads do not protect, so that only escaping does.
    """
    found: set[str] = set()
    for text in texts:
        for match in CONTROL.finditer(text):
            found |= _named_by(match.group(1), channel, people, groups)
    return {user for user in found if user in people and not people[user].is_bot and not people[user].deleted}


def _named_by(token: str, channel: Channel, people: dict[str, Person], groups: dict[str, Group]) -> set[str]:
    if token.startswith("@"):
        return {token[1:]}
    if token.startswith("!subteam^"):
        group = groups.get(token.removeprefix("!subteam^"))
        return set(group.members) if group and not group.disabled else set()
    if token == "!everyone":
        return set(people)
    return set(channel.members) if token in ("!here", "!channel") else set()


def live_texts(text: str, blocks: Iterable[Json], attachments: Iterable[Json]) -> list[str]:
    """Every text of a message in which Slack acts on control sequences."""
    found = [text, *live_in_blocks(blocks)]
    for attachment in attachments:
        found += (str(attachment[key]) for key in ("pretext", "title", "text", "fallback") if attachment.get(key))
        found += (str(field.get("value", "")) for field in attachment.get("fields", ()))
        found += live_in_blocks(attachment.get("blocks", ()))
    return found


def live_in_blocks(node: object) -> Iterator[str]:
    """Texts of mrkdwn objects and markdown blocks, and rich text's mentions written as control sequences."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from live_in_blocks(item)
    elif isinstance(node, dict):
        match node.get("type"):
            case "mrkdwn" | "markdown":
                yield str(node.get("text", ""))
            case "user":
                yield f"<@{node.get('user_id', '')}>"
            case "usergroup":
                yield f"<!subteam^{node.get('usergroup_id', '')}>"
            case "broadcast":
                yield f"<!{node.get('range', '')}>"
        for value in node.values():
            yield from live_in_blocks(value)
