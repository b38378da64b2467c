"""What attempts leave behind: turns, checks, changes, diffs, feedback and the thread's messages."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, delete, func, insert, select, update

from slackbot.core.task import Attempt, Change, Check, PullRequest, TaskId, ThreadMessage, Turn
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


def is_begun(tx: Transaction, task: TaskId, attempt: int, number: int) -> bool:
    """Whether a turn of this number was begun before: a crash interrupted it."""
    return tx.connection.execute(select(turns.c.number).where(_turn(task, attempt, number))).first() is not None


def is_completed(tx: Transaction, task: TaskId, attempt: int, number: int) -> bool:
    """Whether the agent came to the end of this turn by itself."""
    query = select(turns.c.number).where(_turn(task, attempt, number), turns.c.outcome == "completed")
    return tx.connection.execute(query).first() is not None


def last_answer(tx: Transaction, task: TaskId, attempt: int) -> str | None:
    """What the agent said at the end of the attempt's last turn."""
    query = select(turns.c.answer).where(
        turns.c.task == task, turns.c.attempt == attempt, turns.c.ended_at.is_not(None)
    )
    return tx.connection.execute(query.order_by(turns.c.number.desc()).limit(1)).scalar() or None


def next_turn_number(tx: Transaction, task: TaskId, attempt: int) -> int:
    """One more than the last turn that ended; a turn that a crash interrupted is counted once."""
    query = select(func.max(turns.c.number)).where(
        turns.c.task == task, turns.c.attempt == attempt, turns.c.ended_at.is_not(None)
    )
    return int(tx.connection.execute(query).scalar() or 0) + 1


def keep_check(tx: Transaction, check: Check, repo: str) -> None:
    tx.connection.execute(insert(checks).values(repo=repo, **check.model_dump()))
    _touch(tx, check.task)


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
    _touch(tx, change.task)


def drop_change(tx: Transaction, task: TaskId, attempt: int, repo: str) -> None:
    """The agent took its change back: nothing differs from the base any more."""
    for table in (changes, diffs):
        where = (table.c.task == task, table.c.attempt == attempt, table.c.repo == repo)
        tx.connection.execute(delete(table).where(*where))


def set_pull_request(tx: Transaction, change: Change, pull_request: PullRequest) -> None:
    where = (changes.c.task == change.task, changes.c.attempt == change.attempt, changes.c.repo == change.repo)
    tx.connection.execute(update(changes).where(*where).values(pull_request=pull_request.model_dump(mode="json")))
    _touch(tx, change.task)


def _touch(tx: Transaction, task: TaskId) -> None:
    """What the card shows has changed."""
    tx.connection.execute(update(tasks).where(tasks.c.id == task).values(version=tasks.c.version + 1))


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
        "bot": message.bot, "instruction": instruction, "turn": None,
    }  # fmt: skip
    added = insert_or_keep(tx, messages, row)
    if added:
        _touch(tx, task)
    return added


class Heard(NamedTuple):
    """A message of a task's thread; `instruction`: it is for the agent, not only context."""

    message: ThreadMessage
    instruction: bool


def give_messages(tx: Transaction, task: TaskId, turn: str) -> list[Heard]:
    """Hand the messages that no turn has had to this turn, oldest first.

    Safe to repeat: the same turn gets the same messages again, and what came since.
    """
    free = and_(messages.c.task == task, messages.c.turn.is_(None))
    tx.connection.execute(update(messages).where(free).values(turn=turn))
    return _heard(tx, select(messages).where(messages.c.task == task, messages.c.turn == turn))


def messages_of(tx: Transaction, task: TaskId) -> list[Heard]:
    """Everything said in the thread since the task began, for an attempt that begins from scratch."""
    return _heard(tx, select(messages).where(messages.c.task == task))


def _heard(tx: Transaction, query: Select[tuple[object, ...]]) -> list[Heard]:
    return [
        Heard(
            ThreadMessage(ts=row.ts, author_id=row.author, author=row.author, text=row.text, bot=row.bot),
            row.instruction,
        )
        for row in tx.connection.execute(query.order_by(messages.c.ts))
    ]


def has_instructions(tx: Transaction, task: TaskId) -> bool:
    """Whether a steering message waits for its turn."""
    query = select(func.count()).where(
        messages.c.task == task, messages.c.turn.is_(None), messages.c.instruction.is_(True)
    )
    return bool(tx.connection.execute(query).scalar_one())
