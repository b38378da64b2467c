"""How facts become readable text on a page: hostile characters, times, durations, shortened lines. Knows no page."""

import re
from datetime import UTC, datetime

# Controls but tab and newline, surrogates, and what reorders or hides text (bidirectional overrides, zero widths): a
# reviewer must see the code that a compiler sees. Zero-width joiners stay, emoji and scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


_NAMES = {0x00: "NUL", 0x08: "BS", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}


def visible(text: str) -> str:
    """The text with everything that a browser would hide, reorder or refuse written out, as ⟨ESC⟩ or ⟨U+202E⟩."""
    return _UNSEEN.sub(lambda found: _written(ord(found.group())), text)


def _written(code: int) -> str:
    return f"⟨{_NAMES.get(code) or f'U+{code:04X}'}⟩"


def first_line(text: str, limit: int = 120) -> str:
    """The first line that says something, cut."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def stamp(at: datetime) -> str:
    """A time as people read it, in UTC."""
    return at.astimezone(UTC).strftime("%-d %b %Y, %H:%M:%S UTC")


def clock_time(at: datetime) -> str:
    """The time of day alone, in UTC."""
    return at.astimezone(UTC).strftime("%H:%M:%S")


def ago(at: datetime, now: datetime) -> str:
    """How long ago that was: "5 min ago"; what lies ahead by a clock's error is "just now"."""
    seconds = (now - at).total_seconds()
    return "just now" if seconds < 1 else f"{duration(float(int(seconds)))} ago"


_STEPS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def duration(seconds: float) -> str:
    """A length of time in its two largest units: 0.4 s, 12.3 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    size, unit, below, small = next(step for step in _STEPS if whole >= step[0])
    many, rest = divmod(whole, size)
    return f"{many} {unit}" + (f" {rest // below} {small}" if rest // below else "")


def web_link(url: str | None) -> str | None:
    """The address when a browser may be sent there: never `javascript:` or a local file."""
    return url if url and re.match("https?://", url, re.IGNORECASE) else None
