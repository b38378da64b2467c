"""What attempts leave behind: turns, checks, changes, diffs, feedback and the thread's messages."""

from datetime import datetime

from sqlalchemy import and_, delete, func, insert, select, update

from slackbot.core.task import Attempt, Change, Check, TaskId, ThreadMessage, Turn
from slackbot.store.database import Transaction
from slackbot.store.rows import as_change, as_check, as_turn, insert_or_keep
from slackbot.store.tables import attempts, changes, checks, diffs, messages, tasks, turns


def begin_turn(tx: Transaction, turn: Turn) -> None:
    """Keep a turn's prompt; a turn that is begun again after a crash replaces its row."""
    tx.connection.execute(delete(turns).where(_turn(turn.task, turn.attempt, turn.number)))
    tx.connection.execute(insert(turns).values(turn.model_dump()))


def end_turn(
    tx: Transaction, task: TaskId, attempt: int, number: int, *, at: datetime, outcome: str, answer: str = "",
    tokens: int | None = None,
) -> None:  # fmt: skip
    values = {"ended_at": at, "outcome": outcome, "answer": answer, "tokens": tokens}
    tx.connection.execute(update(turns).where(_turn(task, attempt, number)).values(values))


def _turn(task: TaskId, attempt: int, number: int):  # type: ignore[no-untyped-def]
    return and_(turns.c.task == task, turns.c.attempt == attempt, turns.c.number == number)


def turns_of(tx: Transaction, task: TaskId) -> list[Turn]:
    query = select(turns).where(turns.c.task == task).order_by(turns.c.attempt, turns.c.number)
    return [as_turn(row) for row in tx.connection.execute(query)]


def next_turn_number(tx: Transaction, task: TaskId, attempt: int) -> int:
    """One more than the last turn that ended; a turn that a crash interrupted is counted once."""
    query = select(func.max(turns.c.number)).where(
        turns.c.task == task, turns.c.attempt == attempt, turns.c.ended_at.is_not(None)
    )
    return int(tx.connection.execute(query).scalar() or 0) + 1


def keep_check(tx: Transaction, check: Check, repo: str) -> None:
    tx.connection.execute(insert(checks).values(repo=repo, **check.model_dump()))


def latest_checks(tx: Transaction, task: TaskId, attempt: int) -> list[Check]:
    """The last run of `setup` and of `check` in an attempt."""
    last = select(func.max(checks.c.id)).where(checks.c.task == task, checks.c.attempt == attempt)
    query = select(checks).where(checks.c.id.in_(last.group_by(checks.c.name, checks.c.repo))).order_by(checks.c.id)
    return [as_check(row) for row in tx.connection.execute(query)]


def put_change(tx: Transaction, change: Change, diff: str) -> None:
    """Keep what the attempt does to a repository, replacing what an earlier turn left."""
    where = (changes.c.task == change.task, changes.c.attempt == change.attempt, changes.c.repo == change.repo)
    tx.connection.execute(delete(changes).where(*where))
    row = change.model_dump(mode="json", exclude={"stat"}) | change.stat.model_dump()
    tx.connection.execute(insert(changes).values(row))
    same = (diffs.c.task == change.task, diffs.c.attempt == change.attempt, diffs.c.repo == change.repo)
    tx.connection.execute(delete(diffs).where(*same))
    tx.connection.execute(insert(diffs).values(task=change.task, attempt=change.attempt, repo=change.repo, text=diff))


def set_landed(tx: Transaction, change: Change, sha: str) -> None:
    where = (changes.c.task == change.task, changes.c.attempt == change.attempt, changes.c.repo == change.repo)
    tx.connection.execute(update(changes).where(*where).values(landed_sha=sha))


def changes_of(tx: Transaction, task: TaskId, attempt: int) -> list[Change]:
    query = select(changes).where(changes.c.task == task, changes.c.attempt == attempt).order_by(changes.c.repo)
    return [as_change(row) for row in tx.connection.execute(query)]


def diff_of(tx: Transaction, task: int, attempt: int, repo: str) -> str | None:
    query = select(diffs.c.text).where(diffs.c.task == task, diffs.c.attempt == attempt, diffs.c.repo == repo)
    return tx.connection.execute(query).scalar()


def attempts_of(tx: Transaction, task: TaskId) -> list[Attempt]:
    query = select(attempts).where(attempts.c.task == task).order_by(attempts.c.attempt)
    return [
        Attempt.model_validate({("number" if k == "attempt" else k): v for k, v in row._mapping.items()})
        for row in tx.connection.execute(query)
    ]


def add_message(tx: Transaction, key: str, task: TaskId, message: ThreadMessage, *, instruction: bool) -> bool:
    """Keep what was said in a task's thread; `instruction`: it steers. False when it is there already."""
    row = {
        "key": key, "task": task, "ts": message.ts, "author": message.author_id, "text": message.text,
        "instruction": instruction, "turn": None,
    }  # fmt: skip
    added = insert_or_keep(tx, messages, row)
    if added:
        tx.connection.execute(update(tasks).where(tasks.c.id == task).values(version=tasks.c.version + 1))
    return added


def give_messages(tx: Transaction, task: TaskId, turn: str) -> list[tuple[ThreadMessage, bool]]:
    """Hand the messages that no turn has had to this turn, oldest first, each with whether it steers.

    Safe to repeat: the same turn gets the same messages again, and what came since.
    """
    free = and_(messages.c.task == task, messages.c.turn.is_(None))
    tx.connection.execute(update(messages).where(free).values(turn=turn))
    query = select(messages).where(messages.c.task == task, messages.c.turn == turn).order_by(messages.c.ts)
    return [
        (ThreadMessage(ts=row.ts, author_id=row.author, author=row.author, text=row.text), row.instruction)
        for row in tx.connection.execute(query)
    ]


def has_instructions(tx: Transaction, task: TaskId) -> bool:
    """Whether a steering message waits for its turn."""
    query = select(func.count()).where(
        messages.c.task == task, messages.c.turn.is_(None), messages.c.instruction.is_(True)
    )
    return bool(tx.connection.execute(query).scalar_one())
