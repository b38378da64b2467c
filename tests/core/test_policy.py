"""Who may do what, as tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.person import Person
from slackbot.core.policy import approver_groups, why_not_approve, why_not_rework, why_not_start
from slackbot.core.say import Said
from slackbot.core.task import Task, TaskId, TaskState, Thread

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MEMBERS = {"S0ONCALL": frozenset({"U0GROUP"})}
TASK = Task(
    id=TaskId(42), thread=Thread(team="T1", channel="C1", ts="1.0"), request_key="k", request_ts="1.0",
    requester="U0ASKED", text="fix it", state=TaskState.AWAITING_APPROVAL, state_at=NOW, created_at=NOW, attempt=1,
    repos=("shop/checkout",), steered_by=("U0STEERED",),
)  # fmt: skip

OPEN: dict[str, Any] = {}
LISTED: dict[str, Any] = {"approvers": ("U0LISTED", "U0ASKED", "U0STEERED")}
GROUP: dict[str, Any] = {"approvers": ("S0ONCALL",)}
SELF: dict[str, Any] = {"self_approve": True}


def repo(name: str = "shop/checkout", **changed: Any) -> RepoConfig:
    return RepoConfig.model_validate({"name": name, "url": "/srv/x", "forge": "local", "agent": "demo"} | changed)


def person(user: str = "U0OTHER", *, full_member: bool = True, **changed: bool) -> Person:
    return Person.model_validate({"id": user, "name": user.lower(), "full_member": full_member} | changed)


def words(said: Said | None) -> str:
    return said.template.format(**{name: str(fact) for name, fact in said.facts.items()}) if said else ""


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (person(), True),
        (person(full_member=False), False),  # a guest, or of another organisation
        (person(full_member=False, bot=True), False),
        (person(full_member=False, deactivated=True), False),
    ],
)
def test_only_full_members_start_work_approve_and_rework(who: Person, may: bool) -> None:
    assert (why_not_start(who) is None) is may
    assert (why_not_approve(TASK, who, [repo()], {}) is None) is may
    assert (why_not_rework(TASK, who, [repo()], {}) is None) is may


@pytest.mark.parametrize("user", ["U0ASKED", "U0STEERED", "U0LISTED", "U0GROUP"])
def test_no_role_makes_up_for_being_a_guest(user: str) -> None:
    guest, here = person(user, full_member=False), [repo(**LISTED, **SELF), repo("shop/web", **GROUP)]
    assert why_not_approve(TASK, guest, here, MEMBERS) is not None
    assert why_not_rework(TASK, guest, here, MEMBERS) is not None


@pytest.mark.parametrize(
    ("rules", "user", "why_not"),
    [
        (OPEN, "U0OTHER", ""),
        (OPEN, "U0ASKED", "another person approves"),
        (OPEN, "U0STEERED", "another person approves"),
        (SELF, "U0ASKED", ""),
        (SELF, "U0STEERED", ""),
        (LISTED, "U0LISTED", ""),
        (LISTED, "U0OTHER", "not among the approvers"),
        (LISTED, "U0ASKED", "another person approves"),  # being listed is no leave to approve one's own
        (LISTED, "U0STEERED", "another person approves"),
        (LISTED | SELF, "U0ASKED", ""),
        (LISTED | SELF, "U0OTHER", "not among the approvers"),
        (GROUP, "U0GROUP", ""),
        (GROUP, "U0OTHER", "not among the approvers"),
        (GROUP | SELF, "U0ASKED", "not among the approvers"),
    ],
)
def test_who_may_approve(rules: dict[str, Any], user: str, why_not: str) -> None:
    said = words(why_not_approve(TASK, person(user), [repo(**rules)], MEMBERS))
    assert why_not in said
    assert bool(said) is bool(why_not)


@pytest.mark.parametrize(
    ("rules", "user", "may"),
    [
        (OPEN, "U0OTHER", True),
        (OPEN, "U0ASKED", True),
        (LISTED, "U0LISTED", True),
        (LISTED, "U0OTHER", False),
        (GROUP, "U0GROUP", True),
        (GROUP, "U0OTHER", False),
        (GROUP, "U0ASKED", True),  # who asked and who steered may always send it back
        (GROUP, "U0STEERED", True),
    ],
)
def test_who_may_rework_and_stop(rules: dict[str, Any], user: str, may: bool) -> None:
    assert (why_not_rework(TASK, person(user), [repo(**rules)], MEMBERS) is None) is may


def test_an_approver_of_one_repository_alone_cannot_decide_for_two() -> None:
    here = [repo(**LISTED), repo("shop/web", **GROUP)]
    for user in ("U0LISTED", "U0GROUP"):
        assert "not among the approvers" in words(why_not_approve(TASK, person(user), here, MEMBERS))
        assert why_not_rework(TASK, person(user), here, MEMBERS) is not None


def test_one_repository_that_allows_it_does_not_allow_it_for_another() -> None:
    here = [repo(**SELF), repo("shop/web")]
    assert "`shop/web` has no `self_approve`" in words(why_not_approve(TASK, person("U0ASKED"), here, {}))


def test_a_group_that_nobody_looked_up_lets_nobody_in() -> None:
    assert why_not_approve(TASK, person("U0GROUP"), [repo(**GROUP)], {}) is not None


def test_every_group_that_decides_is_looked_up_and_no_person() -> None:
    assert approver_groups([repo(**LISTED), repo("a", **GROUP), repo("b", approvers=("S0B",))]) == {"S0ONCALL", "S0B"}
