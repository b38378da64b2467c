"""The states of a task, the moves between them, and the buttons that each one shows."""

import re

import pytest

from slackbot.bundled import bundled
from slackbot.core.card import buttons
from slackbot.core.task import ENDS, MOVES, OPEN, TaskState, branch_name, label
from tests.core.test_policy import TASK

S = TaskState
README = bundled("README.md")


def test_every_state_has_its_moves_and_every_state_can_be_reached() -> None:
    assert set(MOVES) == set(TaskState)
    reached = {S.QUEUED}
    while more := {target for state in reached for target in MOVES[state]} - reached:
        reached |= more
    assert reached | {S.WAITING_FOR_INPUT} == set(TaskState)  # a task without a repository begins waiting


def test_every_open_state_can_fail_and_be_stopped_and_leads_on() -> None:
    assert set(TaskState) == ENDS | OPEN
    assert not ENDS & OPEN
    for state in OPEN:
        assert {S.FAILED, S.CANCELLED} <= MOVES[state], state


@pytest.mark.parametrize(("end", "leads_to"), [(S.DONE, set()), (S.CANCELLED, set()), (S.FAILED, {S.QUEUED})])
def test_an_end_is_an_end_but_for_a_retry(end: TaskState, leads_to: set[TaskState]) -> None:
    assert MOVES[end] == leads_to


def test_nothing_lands_without_an_approval() -> None:
    assert {state for state in TaskState if S.LANDING in MOVES[state]} == {S.AWAITING_APPROVAL, S.BLOCKED}


def test_no_state_moves_to_itself() -> None:
    assert [state for state in TaskState if state in MOVES[state]] == []


@pytest.mark.skipif("The life of a task" not in README.read_text(), reason="the README has no diagram yet")
def test_the_readme_draws_every_state_and_no_other() -> None:
    drawn = README.read_text().partition("The life of a task")[2].partition("\n## ")[0]
    words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)*\b", drawn))
    assert set(TaskState) <= words, set(TaskState) - words
    assert {word for word in words if "_" in word} <= set(TaskState) | {"max_attempts_running", "self_approve"}


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (S.QUEUED, ["stop"]),
        (S.RUNNING, ["stop"]),
        (S.WAITING_FOR_INPUT, ["repository", "repository", "stop"]),
        (S.AWAITING_APPROVAL, ["approve", "rework", "stop"]),
        (S.LANDING, []),
        (S.BLOCKED, ["approve", "rework", "stop"]),
        (S.DONE, []),
        (S.FAILED, ["retry"]),
        (S.CANCELLED, []),
    ],
)
def test_each_state_shows_its_buttons(state: TaskState, shown: list[str]) -> None:
    task = TASK.model_copy(update={"state": state})
    made = buttons(task, "b" * 40, ("shop/checkout", "shop/web"))
    assert [button.action for button in made] == shown
    assert all((button.value.task, button.value.attempt) == (42, 1) for button in made)
    assert all(button.value.head_sha == "b" * 40 for button in made if button.action in {"approve", "rework"})


def test_the_picker_offers_each_repository_by_name() -> None:
    task = TASK.model_copy(update={"state": S.WAITING_FOR_INPUT})
    picks = [button for button in buttons(task, None, ("shop/checkout", "shop/web")) if button.action == "repository"]
    assert [(pick.text, pick.value.repo) for pick in picks] == [
        ("shop/checkout", "shop/checkout"),
        ("shop/web", "shop/web"),
    ]


def test_a_task_is_called_by_its_number_and_its_branch_by_task_and_attempt() -> None:
    assert (label(TASK.id), TASK.label) == ("T42", "T42")
    assert branch_name(TASK.id, 2) == "pitcrew/T42-2"
    assert TASK.branch == "pitcrew/T42-1"
