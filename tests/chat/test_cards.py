"""What the engineer on call reads, and that no card breaks Slack's limits or calls anybody."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block as SlackBlock

from slackbot.chat.blocks import Block, size
from slackbot.chat.cards import CARD_BLOCK, draw
from slackbot.core.agent import PlanStep
from slackbot.core.card import Card, ChangeLine
from slackbot.core.request import ButtonValue
from slackbot.core.task import PullRequest, TaskState
from tests.chat import samples
from tests.chat.hostile import cards
from tests.chat.samples import PLAN, REWORK, a_card, a_change, a_check, a_task

OURS = re.compile(r"<@[UWB][A-Z0-9]+>|<!date\^\d+\^\{[a-z_]+\}( \{time\})?\|[^<>|]*>|<https?://[^<>|\s]+\|[^<>|]+>")


def mrkdwn(blocks: list[Block]) -> list[str]:
    found = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    return found + [part["text"] for block in blocks if block["type"] == "context" for part in block["elements"]]


def seen(card: Card) -> str:
    return "\n".join(mrkdwn(draw(card).blocks))


def elements(card: Card) -> list[Block]:
    return [part for block in draw(card).blocks if block["type"] == "actions" for part in block["elements"]]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cards())
def test_any_card_is_inside_slacks_limits_and_pings_nobody(card: Card) -> None:
    blocks, text = draw(card)
    assert len(blocks) <= 50
    assert size(blocks) < 10_000
    assert 0 < len(text) < 1000
    for shown in mrkdwn(blocks):
        assert 1 <= len(shown) <= 3000
        assert "<" not in OURS.sub("", shown)
        assert shown.count("```") % 2 == 0
    assert "<" not in text
    for element in elements(card):
        _assert_element_fits(element)
    for block in blocks:
        _slack_accepts(block)


def _assert_element_fits(element: Block) -> None:
    if element["type"] == "button":
        assert len(element["text"]["text"]) <= 75
        assert len(element["value"]) <= 2000
        return
    assert 2 <= len(element["options"]) + 1 <= 101
    for option in element["options"]:
        assert len(option["text"]["text"]) <= 75
        assert len(option["value"]) <= 150


def _slack_accepts(block: Block) -> None:
    parsed = SlackBlock.parse(block)
    assert parsed is not None
    parsed.validate_json()


def test_the_first_line_says_state_task_repository_and_attempt() -> None:
    first = mrkdwn(draw(samples.running()).blocks)[0]
    assert first.splitlines() == [
        "🛠️ *Working on it* · T42 · shop/checkout · attempt 2",
        "> payments hang since the deploy, find the cause and fix it please",
    ]


def test_a_running_card_says_what_is_done_now_and_since_when() -> None:
    shown = seen(samples.running())
    assert "*Now:* the agent is at work · since <!date^" in shown
    assert "↳ Editing src/shop/payments/client.py" in shown
    assert "✓ Find where the client waits\n▸ *Give the payment client a timeout and one retry*\n◦ Test" in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (TaskState.QUEUED, "Waiting for a free place*, 3rd in the queue"),
        (TaskState.RUNNING, "Working on it"),
        (TaskState.WAITING_FOR_INPUT, "Needs your answer"),
        (TaskState.AWAITING_APPROVAL, "Ready for your decision"),
        (TaskState.LANDING, "landing now"),
        (TaskState.BLOCKED, "cannot land"),
        (TaskState.DONE, "Answered"),
        (TaskState.FAILED, "Failed"),
        (TaskState.CANCELLED, "Stopped"),
    ],
)
def test_every_state_has_its_words(state: TaskState, words: str) -> None:
    assert words in seen(a_card(state, place_in_queue=3))


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (TaskState.QUEUED, ["stop"]),
        (TaskState.RUNNING, ["stop"]),
        (TaskState.AWAITING_APPROVAL, ["approve", "rework", "stop"]),
        (TaskState.BLOCKED, ["approve", "rework", "stop"]),
        (TaskState.FAILED, ["retry"]),
        (TaskState.LANDING, []),
        (TaskState.DONE, []),
        (TaskState.CANCELLED, []),
    ],
)
def test_the_buttons_are_those_of_the_state(state: TaskState, actions: list[str]) -> None:
    assert [element["action_id"] for element in elements(a_card(state))] == actions


def test_a_button_is_bound_to_what_the_person_saw_and_asks_nothing_back() -> None:
    approve = elements(samples.awaiting_approval())[0]
    value = ButtonValue.model_validate_json(approve["value"])
    assert value == ButtonValue(task=42, attempt=2, head_sha=samples.HEAD)
    assert "confirm" not in approve
    assert approve["style"] == "primary"


def waiting(count: int) -> Card:
    task = a_task(TaskState.WAITING_FOR_INPUT, repos=())
    return a_card(task=task, choices=tuple(f"shop/service-{number}" for number in range(count)))


def test_one_choice_is_a_button() -> None:
    pick, stop = elements(waiting(1))
    assert (pick["type"], pick["action_id"], pick["text"]["text"]) == ("button", "repository", "shop/service-0")
    assert stop["action_id"] == "stop"


def test_several_choices_are_one_menu() -> None:
    menu, stop = elements(waiting(12))
    assert (menu["type"], menu["action_id"]) == ("static_select", "repository")
    assert [option["text"]["text"] for option in menu["options"]] == [f"shop/service-{n}" for n in range(12)]
    assert json.loads(menu["options"][3]["value"]) == {"task": 42, "attempt": 2, "repo": "shop/service-3"}
    assert stop["action_id"] == "stop"


def test_what_finds_no_room_in_the_menu_can_be_named() -> None:
    card = waiting(150)
    left_out = 150 - len(elements(card)[0]["options"])
    assert left_out > 0
    assert f"{left_out} more repositories found no room" in seen(card)


def test_a_plan_of_300_steps_shows_those_around_the_current_one() -> None:
    plan = tuple(
        PlanStep(title=f"step {n}", status="completed" if n < 150 else "in_progress" if n == 150 else "pending")
        for n in range(300)
    )
    shown = seen(a_card(plan=plan))
    assert "_… 148 before_\n✓ step 148\n✓ step 149\n▸ *step 150*\n◦ step 151" in shown
    assert "◦ step 155\n_… 144 more_" in shown
    assert "step 156" not in shown


def test_the_last_steps_of_a_plan_fill_the_list() -> None:
    plan = tuple(PlanStep(title=f"step {n}", status="completed") for n in range(20))
    assert "_… 12 before_\n✓ step 12\n" in seen(a_card(plan=plan))


def test_results_show_times_budget_and_links() -> None:
    shown = seen(samples.awaiting_approval())
    assert "± 3 files, +42 −7 · <https://bot.example/t/42/2/diff|See the diff> · <https://github.com/" in shown
    assert "|Pull request #118>" in shown
    assert "✓ setup 4.1 s\n✓ check 75 s ⚠️ over its budget of 60 s" in shown
    assert "branch `pitcrew/T42-2`" in shown
    assert PLAN[0].title not in shown


def test_without_an_address_there_is_no_link() -> None:
    pull = a_change().pull_request
    assert pull is not None
    change = a_change(pull_request=pull.model_copy(update={"url": None}))
    shown = seen(a_card(TaskState.AWAITING_APPROVAL, changes=(ChangeLine(change=change),)))
    assert "± 3 files, +42 −7\n" in shown
    assert "<http" not in shown


def test_a_failed_card_gives_the_reason_and_the_checks_last_lines() -> None:
    shown = seen(samples.failed())
    assert "The check failed three times. Retry starts fresh" in shown
    assert "✗ check failed after 12.3 s (exit code 2)" in shown
    assert "&lt;@U0ANN&gt; expected 2 retries, got 1\n1 failed, 12 passed in 3.1s\n```" in shown
    assert "demo (no AI, unboxed)" in shown
    assert draw(samples.failed()).text == (
        "❌ Failed · T42 · shop/checkout · attempt 2: "
        "The check failed three times. Retry starts fresh, or say more in the thread."
    )


def test_a_check_that_hit_its_limit_says_so() -> None:
    assert "✗ check hit its time limit after 15 min 00 s" in seen(
        a_card(checks=(a_check(ok=False, exit_code=None, duration_s=900),))
    )


def test_a_landed_card_names_the_commit_who_approved_and_how_long_it_took() -> None:
    shown = seen(samples.landed())
    assert shown.startswith("✅ *Landed* · T42")
    assert "17 min after the request" in shown
    assert "landed as `4f0c2d9be1`" in shown
    assert "Approved by <@U0CAT> <!date^" in shown


def test_feedback_is_quoted_in_one_line() -> None:
    assert "> A timeout alone is not enough: retry once &amp; tell the customer." in seen(samples.running())


def test_what_an_earlier_attempt_left_is_not_shown_as_this_ones() -> None:
    old = ChangeLine(change=a_change(attempt=1))
    card = a_card(changes=(old,), checks=(a_check(attempt=1),))
    assert "files" not in seen(card)
    assert "check" not in seen(card).replace("checkout", "")
    assert card.head_sha is None


def test_several_repositories_are_told_apart() -> None:
    changes = tuple(ChangeLine(change=a_change(repo=repo, head_sha=repo[-1] * 40)) for repo in ("shop/b", "shop/a"))
    card = a_card(task=a_task(TaskState.AWAITING_APPROVAL, repos=("shop/a", "shop/b")), changes=changes)
    assert "± *shop/b*: 3 files" in seen(card)
    assert card.head_sha == "a" * 40 + "+" + "b" * 40


def test_what_slack_cannot_hold_goes_least_important_first() -> None:
    note = "a reason and a next step. " + '"' * 2000
    pull = PullRequest(id="#1", url="https://a.example/" + "q" * 470, branch="b", head_sha=samples.HEAD)
    change = a_change(repo="r" * 80, pull_request=pull)
    lines = (ChangeLine(change=change, diff_url="https://a.example/" + "p" * 470),) * 3
    checks = (a_check(ok=False, name='"' * 40, output='"' * 2000),) * 9
    plan = tuple(PlanStep(title='"' * 500) for _ in range(20))
    feedback = (REWORK.model_copy(update={"text": '"' * 500}),) * 5
    task = a_task(TaskState.FAILED, note=note, text='"' * 9000, repos=("r/a", "r/b", "r/c"))
    card = a_card(task=task, plan=plan, changes=lines, checks=checks, decisions=feedback, agent="codex")
    shown = seen(card)
    assert size(draw(card).blocks) < 10_000
    assert "a reason and a next step." in shown
    assert "± *rrr" in shown
    assert "codex" not in shown  # the small print goes first, then the plan
    assert [element["action_id"] for element in elements(card)] == ["retry"]


def test_the_card_can_be_told_from_our_other_posts() -> None:
    assert draw(samples.running()).blocks[0]["block_id"] == CARD_BLOCK


def test_a_request_without_words_is_shown_as_such() -> None:
    assert "> (no words)" in seen(a_card(task=a_task(text="<@U0BOT>")))


def test_a_card_days_later_shows_the_day() -> None:
    assert "{date_short_pretty} {time}" in seen(a_card(now=samples.NOW + timedelta(days=2)))
