"""What a summary says, posted through the flow from a real database."""

import re
from datetime import datetime, timedelta

import pytest

from slackbot.chat.blocks import MESSAGE_LIMIT, section, size
from slackbot.chat.markup import TEXT_LIMIT, rendered
from slackbot.core.card import ChangeLine
from slackbot.core.config import Config, SummaryConfig
from slackbot.core.errors import ChatError
from slackbot.core.say import Link, Said, say
from slackbot.core.task import Check, Task, TaskId, TaskState, Thread, Turn, TurnKind
from slackbot.flows.house import Links
from slackbot.flows.report import LISTED, LISTED_AT_WORK, Figures, age, joined, report
from slackbot.flows.summary import gather, summary
from slackbot.store import work
from slackbot.store.summaries import Listed, SlowCheck, Spent
from tests.flows.home import FRIDAY_NINE, PUBLIC_URL, Home
from tests.flows.seed import a_change, a_task, landed

CONFIG = Config(summaries=(SummaryConfig(name="team", channel="C0TEAM"),))
EARLIER = FRIDAY_NINE - timedelta(hours=3)
HOSTILE = "<!channel> *x* `y` </request> <https://evil.example|click> & ```\n\n\u202etxt"


async def text_of(home: Home) -> str:
    """What the summary of today says, as the fake Slack shows it."""
    end = await home.house.engine.start(summary, "summary:team:2026-11-20", "team", "2026-11-20")
    await end()
    return home.chat.posts[-1].text


async def test_a_day_of_nothing_is_one_friendly_line(home: Home) -> None:
    await home.furnish(CONFIG)
    text = await text_of(home)
    assert text.startswith("*Pitcrew, Fri 20 Nov 2026* (team): all quiet.")
    assert "\n" not in text


async def test_each_task_is_in_its_list_with_what_matters(home: Home) -> None:
    await home.furnish(CONFIG)
    await landed(home, await a_task(home, TaskState.DONE, at=EARLIER, text="raise the limit"))
    await a_task(home, TaskState.DONE, at=EARLIER, text="what is this?")
    await a_task(home, TaskState.AWAITING_APPROVAL, at=FRIDAY_NINE - timedelta(days=2, hours=5), text="add a retry")
    await a_task(home, TaskState.BLOCKED, at=EARLIER, text="drop the cache")
    await a_task(home, TaskState.WAITING_FOR_INPUT, at=EARLIER, text="mend it", repos=())
    await a_task(home, TaskState.RUNNING, at=FRIDAY_NINE - timedelta(minutes=4), text="write docs")
    await a_task(home, TaskState.FAILED, at=EARLIER, text="fix the page", note="The agent died.\nClick Retry.")
    await a_task(home, TaskState.CANCELLED, at=EARLIER, text="never mind")
    assert re.sub(r"\bT\d+\b", "T", await text_of(home)).splitlines() == [
        "*Pitcrew, Fri 20 Nov 2026* (team): 1 landed, 3 waiting for a decision, 1 at work, 1 failed",
        "*Landed*",
        "• T shop/checkout: raise the limit · cccccccccc +20 −3",
        "*Waiting for a decision*",
        "• T shop/checkout: add a retry · waits for approval for 2 d 5 h",
        "• T shop/checkout: drop the cache · approved but cannot land for 3 h",
        "• T no repository yet: mend it · waits for an answer for 3 h",
        "*At work*",
        "• T shop/checkout: write docs · running for 4 min",
        "*Failed*",
        "• T shop/checkout: fix the page · The agent died. Click Retry.",
        "*Spent*: agents' turns 0, their time 0 s; answered without a change: 1",
    ]


async def test_a_landed_task_links_its_card_and_its_pull_request(home: Home) -> None:
    await home.furnish(CONFIG)
    task = await a_task(home, TaskState.DONE, at=EARLIER, card_ts="1700000009.000200")
    await landed(home, task)
    said = await sections(home)
    assert f"<https://slack.example/archives/C1/p1700000009000200|{task.label}>" in said
    assert "<https://forge.example/pull/7|cccccccccc>" in said


async def test_a_change_without_a_page_at_the_forge_links_our_diff(home: Home) -> None:
    await home.furnish(CONFIG)
    task = await a_task(home, TaskState.DONE, at=EARLIER)
    await landed(home, task, url=None)
    assert f"<{PUBLIC_URL}/tasks/{task.label}/1/diff/shop/checkout|cccccccccc>" in await sections(home)


async def test_without_card_or_pages_of_ours_only_the_names_are_told(home: Home) -> None:
    await home.furnish(CONFIG, Links())
    task = await a_task(home, TaskState.DONE, at=EARLIER, card_ts=None)
    await landed(home, task, url=None)
    assert f"• {task.label} shop/checkout: fix the timeout · cccccccccc" in await sections(home)


async def test_a_task_whose_card_is_gone_links_our_page(home: Home) -> None:
    await home.furnish(CONFIG)
    task = await a_task(home, TaskState.RUNNING, card_ts=None)
    assert f"<{PUBLIC_URL}/tasks/{task.label}|{task.label}>" in await sections(home)


async def test_a_permalink_that_cannot_be_had_does_not_hold_up_the_summary(home: Home) -> None:
    await home.furnish(CONFIG)
    task = await a_task(home, TaskState.RUNNING)
    home.chat.fail("permalink", ChatError("Slack", "chat.getPermalink", "timeout", retryable=True))
    assert f"<{PUBLIC_URL}/tasks/{task.label}|{task.label}>" in await sections(home)


async def sections(home: Home) -> str:
    """What the summary of today says, as the real Slack adapter writes it."""
    await text_of(home)
    return "\n".join(rendered(said) for said in home.chat.said_in_channel[-1])


async def test_more_than_ten_of_a_kind_are_counted_and_ten_are_shown(home: Home) -> None:
    await home.furnish(CONFIG)
    for minutes in range(13):
        at = FRIDAY_NINE - timedelta(hours=13, minutes=-minutes)
        await a_task(home, TaskState.AWAITING_APPROVAL, at=at, text=f"number {minutes}")
    text = await text_of(home)
    assert "13 waiting for a decision" in text
    assert [n for n in range(13) if f": number {n} ·" in text] == list(range(10)), "the longest waiting are shown"
    assert "… and 3 more" in text


async def test_what_was_asked_in_private_stays_there(home: Home) -> None:
    await home.furnish(CONFIG)
    await a_task(home, TaskState.RUNNING, channel="D0PRIVATE", text="the reorganisation")
    text = await text_of(home)
    assert "reorganisation" not in text
    assert "asked in a direct message" in text


async def test_hostile_words_call_nobody_and_break_no_line(home: Home) -> None:
    await home.furnish(CONFIG)
    await a_task(home, TaskState.RUNNING, text=HOSTILE)
    await a_task(home, TaskState.FAILED, at=EARLIER, text="{request} {0} <@U1>", note=HOSTILE)
    text = await sections(home)
    assert "<!channel>" not in text
    assert "<https://evil.example" not in text
    assert "```" not in text
    assert "\u202e" not in text
    assert "{request} {0} @U1" in text
    assert len([line for line in text.splitlines() if line.startswith("•")]) == 2


async def test_checks_over_budget_are_offered_to_be_made_faster(home: Home) -> None:
    house = await home.furnish(CONFIG)
    task = await a_task(home, TaskState.RUNNING)
    for took_s, at in ((61.0, EARLIER), (95.0, EARLIER), (60.0, EARLIER), (500.0, EARLIER - timedelta(days=2))):
        await house.db.write(work.keep_check, check(task, took_s, at), "shop/checkout")
    await house.db.write(work.keep_check, check(task, 900.0, EARLIER, budget_s=None), "shop/web")
    text = await text_of(home)
    assert "*Check over budget* in `shop/checkout`: 2 of its runs, the slowest took 1 min 35 s of 1 min." in text
    assert "_make the check of shop/checkout faster_" in text
    assert "shop/web" not in text


def check(task: Task, took_s: float, at: datetime, budget_s: float | None = 60) -> Check:
    return Check(
        task=task.id, attempt=1, name="check", ok=True, exit_code=0, duration_s=took_s, budget_s=budget_s, output="",
        at=at,
    )  # fmt: skip


async def test_turns_time_and_tokens_of_the_period_are_added_up(home: Home) -> None:
    house = await home.furnish(CONFIG)
    task = await a_task(home, TaskState.RUNNING)
    for number, (hours, took_s, tokens) in enumerate([(1, 90.5, 1000), (2, 3600, None), (3, None, None), (30, 9, 9)]):
        await a_turn(home, task, number, FRIDAY_NINE - timedelta(hours=hours), took_s, tokens)
    assert "*Spent*: agents' turns 3, their time 1 h 1 min, tokens 1,000;" in await text_of(home)
    spent = (await house.db.read(gather, FRIDAY_NINE - timedelta(days=1), FRIDAY_NINE)).spent
    assert spent.agent_s == pytest.approx(3690.5, abs=1)


async def a_turn(home: Home, task: Task, number: int, at: datetime, took_s: float | None, tokens: int | None) -> None:
    turn = Turn(
        task=task.id, attempt=1, number=number, kind=TurnKind.REQUEST, agent="demo", prompt="Do it.", started_at=at
    )
    await home.house.db.write(work.begin_turn, turn)
    if took_s is not None:
        end = at + timedelta(seconds=took_s)
        await home.house.db.write(
            work.end_turn, task.id, 1, number, at=end, outcome="completed", answer="Done.", tokens=tokens
        )


def test_the_fullest_summary_fits_into_one_message() -> None:
    long = [a_long_task(number) for number in range(LISTED)]
    listed = Listed(1000, long)
    changes = {task.id: (ChangeLine(change=a_change(task), diff_url="https://x.example/" + "d" * 40),) for task in long}
    figures = Figures(
        landed=listed, changes=changes, answered=0, waiting=listed, at_work=Listed(1000, long[:LISTED_AT_WORK]),
        failed=listed, slow=(SlowCheck("shop/checkout", 3, 90, 60),), spent=Spent(1, 1, 1),
    )  # fmt: skip
    links: dict[TaskId, Link | str] = {
        task.id: Link(text=task.label, url="https://x.example/" + "p" * 56) for task in long
    }
    texts = [rendered(said) for said in report("team", "2026-11-20", figures, links, FRIDAY_NINE)]
    assert max(map(len, texts)) <= TEXT_LIMIT
    assert size([section(text) for text in texts]) < MESSAGE_LIMIT - 200
    assert "… and 990 more" in texts[-3], "nothing was cut"


def a_long_task(number: int) -> Task:
    return Task(
        id=TaskId(number), thread=Thread(team="T1", channel="C1", ts="1.0"), request_key="k", request_ts="1.0",
        requester="U1", text="long words " * 4000, state=TaskState.RUNNING, state_at=FRIDAY_NINE,
        created_at=FRIDAY_NINE, attempt=1, repos=("shop/" + "x" * 20,), note="a long note " * 400,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=95), "1 min 35 s"),
        (timedelta(hours=2, minutes=5, seconds=59), "2 h 5 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_an_age_has_the_two_units_that_say_something(span: timedelta, words: str) -> None:
    assert age(span) == words


def test_facts_of_the_same_name_do_not_meet_when_sentences_are_joined() -> None:
    both = joined([say("{who}: {what}", who="Ann", what="{what}"), say("{who}", who="Bo"), Said(template="end")])
    assert rendered(both) == "Ann: {what}\nBo\nend"
