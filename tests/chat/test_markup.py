"""What is dynamic stays text: nothing from outside pings, links or swallows what follows."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.chat.markup import clip, code, fence, line, link, mention, moment, rendered
from slackbot.core.say import Link, Mention, say
from tests.chat.samples import NOW

hostile = st.text(alphabet=st.sampled_from("<>&|!@#`*_ \n\u202eaé😀\x00"), max_size=300) | st.text(max_size=300)
controls = re.compile(r"<[^>]*>?")


@given(hostile, st.integers(min_value=1, max_value=400))
def test_clipped_text_fits_and_holds_no_control_sequence(text: str, limit: int) -> None:
    safe = clip(text, limit)
    assert len(safe) <= limit
    assert "<" not in safe
    assert ">" not in safe
    assert not re.search(r"&(?!amp;|lt;|gt;)", safe)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b", "a &amp; b"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<https://evil.example|our diff>", "&lt;https://evil.example|our diff&gt;"),
        ("turned \u202earound", "turned around"),
        ("&amp;", "&amp;amp;"),
    ],
)
def test_text_is_escaped_once(text: str, shown: str) -> None:
    assert clip(text, 100) == shown


def test_a_cut_never_splits_an_escape() -> None:
    assert clip("<<<<", 9) == "&lt;&lt;…"


def test_one_line_has_no_line_break_and_no_fence() -> None:
    assert line("first\nsecond ``` third", 100) == "first second ''' third"
    assert line("hidden `\u202e`` fence", 100) == "hidden ''' fence"


def test_code_and_fences_end_only_where_we_end_them() -> None:
    assert code("a`b", 20) == "`aˋb`"
    assert fence("a\n```\nb", 50).count("```") == 2


def test_a_mention_is_made_of_a_slack_id_only() -> None:
    assert mention("U0ANN") == "<@U0ANN>"
    assert mention("!channel") == "!channel"
    assert mention("U1> <!channel") == "U1&gt; &lt;!channel"


@pytest.mark.parametrize(
    ("url", "text", "shown"),
    [
        ("https://a.example/x?a=1&b=2", "diff", "<https://a.example/x?a=1&amp;b=2|diff>"),
        ("https://a.example/|<!channel>", "diff", "<https://a.example/%7C%3C!channel%3E|diff>"),
        ("https://a.example/", "a|b>c", "<https://a.example/|a¦b&gt;c>"),
        ("javascript:alert(1)", "diff", "diff"),
        ("https://a.example/two words", "diff", "diff"),
        ("https://a.example/" + "x" * 600, "diff", "diff"),
        ("https://a.example/", "", "<https://a.example/|link>"),
    ],
)
def test_links_go_where_they_say(url: str, text: str, shown: str) -> None:
    assert link(url, text) == shown


def test_times_are_the_readers_own_and_carry_the_day_when_it_is_another() -> None:
    assert moment(NOW, NOW) == f"<!date^{int(NOW.timestamp())}^{{time}}|03:02 UTC>"
    assert "{date_short_pretty} {time}|20 Nov 03:02 UTC>" in moment(NOW, NOW + timedelta(days=3))


def test_a_sentence_becomes_markup_only_where_we_said_so() -> None:
    said = say(
        "{who}: {task} is in {diff}, {count} files, see `{repo}`: {text}",
        who=Mention(user="U0ANN"),
        task="T42",
        diff=Link(text="the diff", url="https://a.example/"),
        count=3,
        repo="sh`op",
        text="{who} <!here>",
    )
    assert rendered(said) == (
        "<@U0ANN>: T42 is in <https://a.example/|the diff>, 3 files, see `shˋop`: {who} &lt;!here&gt;"
    )


@given(hostile, hostile)
def test_a_rendered_sentence_holds_only_our_controls(one: str, two: str) -> None:
    text = rendered(say("{who} said {one}, {two}", who=Mention(user="U0ANN"), one=one * 30, two=two * 30))
    assert len(text) <= 3000
    assert controls.findall(text) == ["<@U0ANN>"]
