"""Cards of a small story, for the tests of this folder: a page at night, one rework, landed."""

from datetime import UTC, datetime, timedelta

from slackbot.core.agent import PlanStep
from slackbot.core.card import Card, ChangeLine
from slackbot.core.task import (
    Change,
    Check,
    Decision,
    DecisionKind,
    DiffStat,
    PullRequest,
    Task,
    TaskId,
    TaskState,
    Thread,
)

NOW = datetime(2026, 11, 20, 3, 2, tzinfo=UTC)
THREAD = Thread(team="T0TEAM", channel="C0INCIDENT", ts="1795143600.000100")
HEAD = "4f0c2d9be1a7734c1d2f8a5566e0b9c3d7a1e2f4"
T42 = TaskId(42)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def a_task(state: TaskState = TaskState.RUNNING, **changes: object) -> Task:
    task = Task(
        id=T42,
        thread=THREAD,
        request_key="message:T0TEAM:C0INCIDENT:1795143660.000200",
        request_ts="1795143660.000200",
        requester="U0ANN",
        text="<@U0BOT> payments hang since the deploy, find the cause and fix it please",
        state=state,
        state_at=NOW - minutes(4),
        created_at=NOW - minutes(21),
        attempt=2,
        repos=("shop/checkout",),
    )
    return task.model_copy(update=changes)


def a_check(ok: bool = True, duration_s: float = 12.31, **changes: object) -> Check:
    check = Check(
        task=T42,
        attempt=2,
        name="check",
        ok=ok,
        exit_code=0 if ok else 2,
        duration_s=duration_s,
        budget_s=60,
        output="",
        at=NOW - minutes(3),
    )
    return check.model_copy(update=changes)


def a_change(**changes: object) -> Change:
    change = Change(
        task=T42,
        attempt=2,
        repo="shop/checkout",
        branch="pitcrew/T42-2",
        base_branch="main",
        base_sha="0" * 40,
        head_sha=HEAD,
        diff_hash="d" * 64,
        stat=DiffStat(files=3, added=42, removed=7),
        pull_request=PullRequest(
            id="#118", url="https://github.com/shop/checkout/pull/118", branch="pitcrew/T42-2", head_sha=HEAD
        ),
    )
    return change.model_copy(update=changes)


REWORK = Decision(
    key="modal:T0TEAM:V1",
    task=T42,
    attempt=1,
    kind=DecisionKind.REWORK,
    by="U0BEN",
    at=NOW - minutes(9),
    text="A timeout alone is not enough:\nretry once & tell the customer.",
)
PLAN = tuple(
    PlanStep(title=title, status=status)
    for title, status in (
        ("Read the alert and the deploy's diff", "completed"),
        ("Find where the client waits", "completed"),
        ("Give the payment client a timeout and one retry", "in_progress"),
        ("Test the slow gateway", "pending"),
        ("Write the lesson into docs/reliability.md", "pending"),
    )
)


def a_card(state: TaskState = TaskState.RUNNING, task: Task | None = None, **facts: object) -> Card:
    card = Card(task=task or a_task(state), agent="codex", decisions=(REWORK,), now=NOW)
    return card.model_copy(update=facts)


def running() -> Card:
    return a_card(
        phase="the agent is at work",
        step="Editing src/shop/payments/client.py",
        plan=PLAN,
        checks=(a_check(name="setup", duration_s=4.1),),
    )


def awaiting_approval() -> Card:
    lines = (ChangeLine(change=a_change(), diff_url="https://bot.example/t/42/2/diff"),)
    return a_card(
        TaskState.AWAITING_APPROVAL,
        plan=PLAN,
        changes=lines,
        checks=(a_check(name="setup", duration_s=4.1), a_check(duration_s=75.02)),
        task_url="https://bot.example/t/42",
    )


def failed() -> Card:
    task = a_task(TaskState.FAILED, note="The check failed three times. Retry starts fresh, or say more in the thread.")
    output = (
        "tests/test_client.py F\nE   AssertionError: <@U0ANN> expected 2 retries, got 1\n1 failed, 12 passed in 3.1s"
    )
    return a_card(task=task, plan=PLAN, checks=(a_check(ok=False, output=output),), agent="demo (no AI, unboxed)")


def landed() -> Card:
    task = a_task(TaskState.DONE, note="In main since 03:01; the branch is gone.")
    approval = REWORK.model_copy(
        update={"kind": DecisionKind.APPROVE, "attempt": 2, "by": "U0CAT", "text": "", "at": NOW - minutes(5)}
    )
    lines = (ChangeLine(change=a_change(landed_sha=HEAD)),)
    return a_card(task=task, changes=lines, checks=(a_check(),), decisions=(REWORK, approval))
