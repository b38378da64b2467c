"""What untrusted bytes and strings become before they leave this room: text that any database and Slack can hold."""


def clean(text: str) -> str:
    """No NUL, which Postgres refuses, and no lone surrogates, which UTF-8 cannot encode."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def one_line(text: str, limit: int = 200) -> str:
    """A title: one line of at most `limit` characters."""
    line = " ".join(clean(text[: limit * 4]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class Tail:
    """Keeps the last characters of a stream of bytes of any length in bounded memory."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()

    def add(self, chunk: bytes) -> None:
        self._kept += chunk
        # UTF-8 needs at most four bytes a character; cutting rarely keeps this linear.
        if len(self._kept) > self._limit * 8:
            del self._kept[: -self._limit * 4]

    def text(self) -> str:
        return clean(self._kept.decode("utf-8", "replace"))[-self._limit :]
