"""What the store's tests put into it."""

from datetime import UTC, datetime, timedelta

from slackbot.core.request import ClickRequest, FeedbackRequest, MessageRequest
from slackbot.core.task import (
    Change,
    Check,
    Decision,
    DecisionKind,
    DiffStat,
    Task,
    TaskId,
    TaskState,
    Thread,
    ThreadMessage,
    Turn,
    TurnKind,
)
from slackbot.store import tasks
from slackbot.store.database import Database, Transaction

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
THREAD = Thread(team="T1", channel="C1", ts="1700000000.000100")


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def thread(number: int) -> Thread:
    return Thread(team="T1", channel="C1", ts=f"1700000000.{number:06}")


def create(
    tx: Transaction, key: str = "message:1", *, where: Thread = THREAD, state: TaskState = TaskState.QUEUED,
    at: datetime = NOON, text: str = "fix the timeout",
) -> Task:  # fmt: skip
    return tasks.create(
        tx, key, where, request_ts=where.ts, requester="U1", text=text, state=state, repos=("shop/checkout",), at=at
    )


async def a_task(database: Database, state: TaskState = TaskState.QUEUED, number: int = 1) -> Task:
    return await database.write(create, f"message:{number}", where=thread(number), state=state)


def message(ts: str = "1700000001.000000", text: str = "hello", edited_ts: str | None = None) -> MessageRequest:
    return MessageRequest(thread=THREAD, ts=ts, edited_ts=edited_ts, author="U1", text=text, names_bot=True)


def click(action_ts: str = "1700000002.000000") -> ClickRequest:
    return ClickRequest(thread=THREAD, card_ts="1.1", action="approve", action_ts=action_ts, value="{}", by="U1")


def feedback(view_id: str = "V1") -> FeedbackRequest:
    return FeedbackRequest(team="T1", view_id=view_id, value="{}", text="again, please", by="U1")


def said(ts: str, text: str = "and the retries") -> ThreadMessage:
    return ThreadMessage(ts=ts, author_id="U2", author="U2", text=text)


def turn(task: TaskId, number: int = 1, prompt: str = "Do it.", attempt: int = 1) -> Turn:
    return Turn(
        task=task, attempt=attempt, number=number, kind=TurnKind.REQUEST, agent="demo", prompt=prompt, started_at=NOON
    )


def check(task: TaskId, output: str = "4 passed", *, ok: bool = True, attempt: int = 1, name: str = "check") -> Check:
    return Check(
        task=task, attempt=attempt, name=name, ok=ok, exit_code=0 if ok else 1, duration_s=2.5, budget_s=60,
        output=output, at=NOON,
    )  # fmt: skip


def change(task: TaskId, repo: str = "shop/checkout", attempt: int = 1, head_sha: str = "b" * 40) -> Change:
    return Change(
        task=task, attempt=attempt, repo=repo, branch=f"pitcrew/T{task}-{attempt}", base_branch="main",
        base_sha="a" * 40, head_sha=head_sha, diff_hash="d" * 64, stat=DiffStat(files=1, added=2, removed=1),
    )  # fmt: skip


def decision(task: TaskId, key: str = "click:1", by: str = "U2", kind: DecisionKind = DecisionKind.APPROVE) -> Decision:
    return Decision(key=key, task=task, attempt=1, kind=kind, by=by, at=NOON, head_sha="b" * 40)
