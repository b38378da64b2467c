"""Keeps other people's words apart from ours: no text that is put into a template can open or close our tags."""

import re
from datetime import UTC, datetime

TAGS = (
    "check_output",
    "earlier_task",
    "earlier_turn",
    "earlier_turn",
    "feedback",
    "files",
    "message",
    "messages",
    "request",
    "skills",
    "thread",
)
"""Every tag that a template uses; a test compares them with the templates."""

# Characters that nobody sees: a model may read over them, so a tag with them inside still counts as a tag.
_UNSEEN = "[\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]*"
_NAMES = "|".join(_UNSEEN.join(name) for name in sorted(TAGS, key=len, reverse=True))
_TAG = re.compile(f"[<＜﹤](?={_UNSEEN}/?{_UNSEEN}(?:{_NAMES})(?![a-z0-9_]))", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_PING = re.compile(r"(?<![A-Za-z0-9`/.])@(?=[A-Za-z0-9])")


def quoted(value: object) -> object:
    """What a template shows for a fact: text cannot form one of our tags, everything else stays as it is.

    It runs on every value of every template, so that no template can forget it.
    """
    return _TAG.sub("&lt;", value) if isinstance(value, str) else value


def one_line(value: object) -> str:
    """A text for an attribute or a list: one line, nothing that ends the attribute or the tag."""
    words = " ".join(_CONTROLS.sub(" ", str(value)).split())
    return words.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def fenced(value: object) -> str:
    """A text as a Markdown code block of its own, in which nothing is markup, closes issues or calls people."""
    text = str(value).strip("\n").replace("\r\n", "\n").replace("\r", "\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def contained(value: object) -> str:
    """Markdown of others that stays in its section: calls nobody, hides nothing that comes after it."""
    text = _PING.sub("@\u200b", str(value)).replace("<!--", "&lt;!--").rstrip()
    fence = _open_fence(text)
    return f"{text}\n{fence}" if fence else text


def _open_fence(text: str) -> str:
    """The code fence that is still open at the end of a Markdown text, or nothing."""
    fence = ""
    for run, rest in re.findall(r"^ {0,3}(`{3,}|~{3,})(.*)$", text, re.MULTILINE):
        if not fence:
            fence = run
        elif run.startswith(fence) and not rest.strip():
            fence = ""
    return fence


def at(ts: object) -> str:
    """A Slack timestamp as a time in UTC; what is no timestamp stays as it is."""
    if not re.fullmatch(r"\d{1,11}(\.\d+)?", str(ts)):
        return str(ts)
    return datetime.fromtimestamp(float(str(ts)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
