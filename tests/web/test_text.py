"""Facts as readable text."""

from datetime import timedelta

import pytest

from slackbot.web.text import ago, duration, first_line, visible, web_link
from tests.web.seed import NOW


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (59.9, "59.9 s"),
        (59.99, "1 min"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "just now"), (0, "just now"), (7.8, "7 s ago"), (300, "5 min ago")]
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("text", "line"),
    [("", ""), ("\n  \n said \nmore", "said"), ("x" * 121, "x" * 119 + "…"), ("x" * 120, "x" * 120)],
)
def test_first_lines(text: str, line: str) -> None:
    assert first_line(text) == line


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("grüße 👩‍🚒 שלום", "grüße 👩‍🚒 שלום"),
        ("a\r\x00\x1b\x7f", "a⟨CR⟩⟨NUL⟩⟨ESC⟩⟨DEL⟩"),
        ("a\u202eb\u2066c\u200bd\ufeff", "a⟨U+202E⟩b⟨U+2066⟩c⟨U+200B⟩d⟨U+FEFF⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
    ],
)
def test_nothing_is_hidden(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "file:///etc/passwd", " http://x", "http:x"])
def test_some_addresses_are_no_links(url: str | None) -> None:
    assert web_link(url) is None
