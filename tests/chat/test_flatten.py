"""What a person would read of blocks and attachments."""

import pytest

from slackbot.chat.flatten import MESSAGE_LIMIT, message_text
from slackbot.core.mrkdwn import mentioned, plain_text, without_address

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "p99 is *31 s* on checkout & payments"}}


def rich(kind: str, *elements: dict[str, object]) -> dict[str, object]:
    return {"type": kind, "elements": list(elements)}


def rich_line(**element: object) -> dict[str, object]:
    return rich("rich_text_section", element)


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


RICH = rich(
    "rich_text",
    rich("rich_text_section", {"type": "text", "text": "if a < b "}, {"type": "user", "user_id": "U1"}),
    rich(
        "rich_text_list",
        rich_line(type="text", text="one"),
        rich_line(type="link", url="https://a.example", text="two"),
    ),
)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "hello", "user": "U1"}, "hello"),
        ({"text": "hello", "user": "U1", "blocks": [RICH]}, "hello"),
        ({"blocks": [SECTION], "bot_id": "B1"}, SECTION["text"]["text"]),
        ({"text": "p99 is *31 s* on checkout", "blocks": [SECTION], "bot_id": "B1"}, SECTION["text"]["text"]),
        ({"text": "Alert", "blocks": [SECTION], "bot_id": "B1"}, "Alert\n" + SECTION["text"]["text"]),
        ({"blocks": [RICH]}, "if a &lt; b <@U1>\none\n<https://a.example|two>"),
        ({"blocks": [{"type": "section", "fields": [mrkdwn("a"), mrkdwn("b")]}]}, "a\nb"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "<Down>"}}]}, "&lt;Down&gt;"),
        ({"blocks": [{"type": "context", "elements": [mrkdwn("a"), mrkdwn("b")]}]}, "a b"),
        ({"blocks": [{"type": "actions", "elements": [{"type": "button", "text": {"text": "Ack"}}]}]}, ""),
        ({"blocks": [{"type": "image", "alt_text": "a graph"}]}, "[image: a graph]"),
        ({"blocks": [{"type": "markdown", "text": "## Cause"}]}, "## Cause"),
        ({"attachments": [{"fallback": "only this"}]}, "only this"),
        ({"attachments": [{"pretext": "p", "text": "t", "fallback": "p t"}]}, "p\nt"),
        ({"attachments": [{"blocks": [SECTION]}]}, SECTION["text"]["text"]),
        ({"text": "", "files": [{"name": "graph.png"}]}, "[file: graph.png]"),
        ({"text": None, "blocks": None, "attachments": None}, ""),
        ({"blocks": ["garbage", {"type": "section", "text": None}]}, ""),
    ],
)
def test_a_message_as_text(message: dict[str, object], text: str) -> None:
    assert message_text(message) == text


def test_an_endless_message_is_cut() -> None:
    assert message_text({"text": "x" * 40_000}) == "x" * MESSAGE_LIMIT + "… (cut)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<https://a.example|docs> and <https://b.example>", "docs (https://a.example) and https://b.example"),
        ("<@U1> <@U2|ben> <@U3>", "@ann @ben @U3"),
        ("<!here> <!subteam^S1|@oncall> <!subteam^S2>", "@here @oncall @subteam"),
        ("<!date^1^{time}|02:41>", "02:41"),
        ("<#C1|incidents> <#C2>", "#incidents #C2"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("2 < 3", "2 < 3"),
    ],
)
def test_control_sequences_become_words(text: str, shown: str) -> None:
    assert plain_text(text, {"U1": "ann"}) == shown


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("<@U0BOT> fix it", "fix it"),
        (" <@U0BOT>, <@U0BEN>: fix it", "fix it"),
        ("please <@U0BOT> fix it", "please <@U0BOT> fix it"),
        ("<@U0BOT>", ""),
    ],
)
def test_a_request_is_shown_without_its_address(text: str, request_: str) -> None:
    assert without_address(text) == request_


def test_mentioned_people_are_found() -> None:
    assert mentioned("<@U1> and <@W2|two> and <!here>") == ["U1", "W2"]
