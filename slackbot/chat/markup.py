"""Slack's mrkdwn, the writing side: what is dynamic is escaped here. Knows no card, no message and no network."""

import re
from datetime import datetime, timedelta

from slackbot.core.mrkdwn import plain_text
from slackbot.core.say import Fact, Link, Mention, Said, Words

TEXT_LIMIT = 3000  # a section's text
URL_LIMIT = 500  # a longer address would eat the message's room: shown as text only
CUT = "…"

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Control characters, lone surrogates, and the marks that turn the direction of what follows: they can fake a line.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_USER = re.compile(r"[UWB][A-Z0-9]{1,30}")
_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20]+")
_URL_ESCAPES = {"|": "%7C", "`": "%60", "<": "%3C", ">": "%3E", '"': "%22", "&": "&amp;"}


def clip(text: str, limit: int) -> str:
    """Escape untrusted text for mrkdwn so that the result has at most `limit` characters; a cut ends in `…`."""
    seen = _UNSEEN.sub("", text[: limit + 1])
    pieces = [_ESCAPES.get(char, char) for char in seen]
    if sum(map(len, pieces)) <= limit and len(text) <= limit:
        return "".join(pieces)
    kept: list[str] = []
    room = limit - len(CUT)
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + CUT


def unfenced(safe: str) -> str:
    """Clipped text without fences, for what is followed by ours. After clipping: what that removes may hide one."""
    return safe.replace("```", "'''")


def line(text: str, limit: int) -> str:
    """Untrusted text as one escaped line: white space collapsed, no code fence to swallow what follows."""
    flat = " ".join(text[: 20 * limit].split())
    return unfenced(clip(flat, limit))


def code(text: str, limit: int) -> str:
    """Untrusted text as inline code; a backtick inside would end it."""
    return f"`{line(text.replace('`', 'ˋ'), limit)}`"


def fence(text: str, limit: int) -> str:
    """Untrusted lines as a code block."""
    return f"```\n{clip(text.replace('`', 'ˋ'), limit)}\n```"


def quote(text: str, limit: int) -> str:
    """Untrusted text as one quoted line."""
    return f"> {line(text, limit)}"


def mention(user: str) -> str:
    """A person. What is no Slack id is shown as text: it came from elsewhere."""
    return f"<@{user}>" if _USER.fullmatch(user) else line(user, 60)


def link(url: str, text: str, limit: int = 150) -> str:
    """A link that shows its text; only the text where the address is none for the web or too long."""
    label = line(text.replace("|", "¦"), limit)
    address = "".join(_URL_ESCAPES.get(char, char) for char in url)
    if not _WEB_ADDRESS.fullmatch(url) or _UNSEEN.search(url) or len(address) > URL_LIMIT:
        return label
    return f"<{address}|{label or 'link'}>"


def moment(at: datetime, now: datetime) -> str:
    """A time that every reader sees in their own time zone; with the day when that is not obvious."""
    near = abs(now - at) < timedelta(hours=12)
    shape, fallback = ("{time}", f"{at:%H:%M} UTC") if near else ("{date_short_pretty} {time}", f"{at:%d %b %H:%M} UTC")
    return f"<!date^{int(at.timestamp())}^{shape}|{fallback}>"


def rendered(said: Said, limit: int = TEXT_LIMIT) -> str:
    """The sentence as mrkdwn: our template as it is, every fact escaped; where it is too long, facts are cut."""
    whole = _filled(said, limit)
    if len(whole) <= limit:
        return whole
    places = sum(said.template.count("{" + name + "}") for name, fact in said.facts.items() if isinstance(fact, str))
    fixed = len(_filled(said, 0))
    return _filled(said, max(0, limit - fixed) // max(1, places))


def _filled(said: Said, share: int) -> str:
    return said.template.format(
        **{name: _placed(said.template, name, fact, share) for name, fact in said.facts.items()}
    )


def _placed(template: str, name: str, fact: Fact, share: int) -> str:
    if isinstance(fact, str) and f"`{{{name}}}`" in template:
        fact = fact.replace("`", "ˋ")
    return _fact(fact, share)


def _fact(fact: Fact, share: int) -> str:
    match fact:
        case Mention(user=user):
            return mention(user)
        case Link(text=text, url=url):
            return link(url, text)
        case Words(text=text, limit=limit):
            return line(plain_text(text[: 20 * limit]), limit)
        case str():
            return unfenced(clip(fact, share))
        case _:
            return str(fact)
