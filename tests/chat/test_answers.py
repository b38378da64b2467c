"""An agent's answer is shown whole where it fits, cut with a word where not, and is never markup of its own making."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.chat.answers import answer_blocks
from slackbot.chat.blocks import size

lines = st.lists(
    st.sampled_from(["", "```", "```python", "text & <!channel>", "# Head", "- item", "**bold**", "x ``` y", "<" * 900])
    | st.text(max_size=1200),
    max_size=60,
)


def texts(answer: str) -> list[str]:
    return [block["text"]["text"] for block in answer_blocks(answer)[0] if block["type"] == "section"]


@given(lines)
def test_any_answer_fits_and_pings_nobody(answer: list[str]) -> None:
    blocks, fallback = answer_blocks("\n".join(answer))
    assert 1 <= len(blocks) <= 50
    assert size(blocks) < 10_000
    assert "<" not in fallback
    for text in texts("\n".join(answer)):
        assert 1 <= len(text) <= 3000
        assert "<" not in text
        assert text.count("```") % 2 == 0


def test_a_code_block_over_a_border_is_closed_and_opened_again() -> None:
    found = texts("before\n```python\n" + "value = compute()\n" * 250 + "```\nafter")
    assert len(found) > 1
    assert all(text.count("```") == 2 for text in found[:-1])
    assert found[0].startswith("before\n```\nvalue")
    assert found[-1].endswith("after")


def test_a_long_answer_says_that_it_is_cut() -> None:
    blocks, _ = answer_blocks("word " * 10_000)
    assert "50,000 characters" in blocks[-1]["elements"][0]["text"]


def test_a_short_answer_is_one_section_without_a_word_of_ours() -> None:
    blocks, fallback = answer_blocks("The timeout is 30 s.")
    assert [block["text"]["text"] for block in blocks] == ["The timeout is 30 s."]
    assert fallback == "The timeout is 30 s."


@pytest.mark.parametrize("answer", ["", "  \n\n", "```\n```"])
def test_an_empty_answer_is_said_to_be_empty(answer: str) -> None:
    assert texts(answer) == ["_The agent ended without a word._"]


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("## The cause", "*The cause*"),
        ("- first", "• first"),
        ("it is **very** slow", "it is *very* slow"),
        ("[docs](https://a.example)", "[docs](https://a.example)"),
        ("```\n# not a heading\n```", "```\n# not a heading\n```"),
        ("a ``` in a line", "a ''' in a line"),
    ],
)
def test_markdown_reads_well_in_slack(markdown: str, shown: str) -> None:
    assert texts(markdown) == [shown]


def test_a_long_paragraph_stays_one_line_while_it_fits() -> None:
    assert "\n" not in texts("word " * 500)[0]
