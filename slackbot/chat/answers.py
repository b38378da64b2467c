"""An agent's answer (untrusted Markdown) as sections that ping nobody and forge no link. Knows no task."""

import json
import re

from slackbot.chat.blocks import Block, context, section
from slackbot.chat.markup import clip, line, unfenced

SECTION_LIMIT = 2900
ANSWER_LIMIT = 8600  # over all sections, as JSON
LINE_LIMIT = 2800  # escaped
PART_LIMIT = 500  # of a line over LINE_LIMIT, unescaped: escaping makes it at most five times as long
FENCE = "```"

_BOLD = re.compile(r"\*\*(\S[^*\n]*)\*\*")
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
_ITEM = re.compile(r"(\s*)[-*+]\s+(.*)")


def answer_blocks(answer: str) -> tuple[list[Block], str]:
    """The blocks and the fallback text; says so at the end when the answer was cut."""
    texts, cut = _sections(answer)
    blocks = [section(text) for text in texts] or [section("_The agent ended without a word._")]
    if cut:
        blocks.append(context(f"The answer is cut here; it has {len(answer):,} characters."))
    return blocks, line(answer, 300) or "The agent ended without a word."


def _sections(answer: str) -> tuple[list[str], bool]:
    done: list[str] = []
    open_lines: list[str] = []
    fenced = False
    room = ANSWER_LIMIT
    for piece, is_fence in _pieces(answer):
        size = len(json.dumps(piece, ensure_ascii=False))
        if size + 2 * len(FENCE) > room:
            return [*done, *_closed(open_lines, fenced)], True
        if sum(len(text) + 1 for text in open_lines) + size + 2 * len(FENCE) > SECTION_LIMIT:
            done += _closed(open_lines, fenced)
            open_lines = [FENCE] if fenced else []
        open_lines.append(piece)
        fenced ^= is_fence
        room -= size
    return [*done, *_closed(open_lines, fenced)], False


def _closed(lines: list[str], fenced: bool) -> list[str]:
    """The open lines as one section, none when there is nothing to see in them."""
    if not any(text.strip(" `") for text in lines):
        return []
    return ["\n".join([*lines, FENCE] if fenced else lines).strip("\n")]


def _pieces(answer: str) -> list[tuple[str, bool]]:
    """Each line as safe mrkdwn, and whether it opens or closes a code block; overlong lines in several pieces."""
    found: list[tuple[str, bool]] = []
    fenced = False
    for raw in answer[: 4 * ANSWER_LIMIT].splitlines():
        if raw.strip().startswith(FENCE) and raw.count(FENCE) == 1:
            found.append((FENCE, True))
            fenced = not fenced
            continue
        escaped_size = len(raw) + 4 * raw.count("&") + 3 * raw.count("<") + 3 * raw.count(">")
        parts = [raw] if escaped_size <= LINE_LIMIT else _parts(raw)
        found += [(_safe(part, fenced), False) for part in parts]
    return found


def _parts(raw: str) -> list[str]:
    """An overlong line, broken between words where it has any."""
    parts, rest = [], raw
    while len(rest) > PART_LIMIT:
        space = rest.rfind(" ", 1, PART_LIMIT)
        end = space if space > 0 else PART_LIMIT
        parts.append(rest[:end])
        rest = rest[end:].lstrip(" ")
    return [*parts, rest]


def _safe(raw: str, fenced: bool) -> str:
    safe = unfenced(clip(raw, LINE_LIMIT))
    return safe if fenced else _slack_shaped(safe)


def _slack_shaped(text: str) -> str:
    """Headings, bold and lists as Slack writes them; line by line, so nothing reaches further than its line."""
    if heading := _HEADING.fullmatch(text):
        return f"*{heading.group(1).replace('*', '')}*"
    if item := _ITEM.fullmatch(text):
        text = f"{item.group(1)}• {item.group(2)}"
    return _BOLD.sub(r"*\1*", text)
