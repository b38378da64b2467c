"""What may be deleted because it is old and of nothing that is open. Finds and deletes by batches; owns no date.

Finding is apart from deleting, so that nobody who writes waits for a search.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from slackbot.core.task import ENDS, TaskId
from slackbot.store.database import Transaction
from slackbot.store.tables import attempts, checks, diffs, inbox, messages, tasks, turns

_ENDS = sorted(ENDS)


def old_requests(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Keys of requests that came before and were handled. The newest row stays: it tells when we last listened."""
    same_thread = and_(tasks.c.channel == inbox.c.channel, tasks.c.thread_ts == inbox.c.thread_ts)
    of_open_task = exists().where(same_thread, tasks.c.state.not_in(_ENDS))
    newest = select(func.max(inbox.c.received_at)).scalar_subquery()
    query = select(inbox.c.key).where(
        inbox.c.handled_at.is_not(None), inbox.c.received_at < before, inbox.c.received_at < newest, ~of_open_task
    )
    return list(tx.connection.execute(query.limit(limit)).scalars())


def delete_requests(tx: Transaction, keys: list[str]) -> None:
    tx.connection.execute(delete(inbox).where(inbox.c.key.in_(keys)))


def with_texts(tx: Transaction, before: datetime, after: TaskId, limit: int) -> list[TaskId]:
    """Tasks later than `after` that ended before and still hold prompts, answers, outputs or messages."""
    prompted = exists().where(turns.c.task == tasks.c.id, or_(turns.c.prompt != "", turns.c.answer != ""))
    checked = exists().where(checks.c.task == tasks.c.id, checks.c.output != "")
    told = exists().where(messages.c.task == tasks.c.id)
    return _ended(tx, before, after, limit, or_(prompted, checked, told))


def forget_texts(tx: Transaction, found: list[TaskId]) -> None:
    """Empty the texts; that there were turns and checks, how long they took and what they cost, stays."""
    tx.connection.execute(update(turns).where(turns.c.task.in_(found)).values(prompt="", answer=""))
    tx.connection.execute(update(checks).where(checks.c.task.in_(found)).values(output=""))
    tx.connection.execute(delete(messages).where(messages.c.task.in_(found)))


def with_diffs(tx: Transaction, before: datetime, after: TaskId, limit: int) -> list[TaskId]:
    """Tasks later than `after` that ended before and still hold a diff."""
    return _ended(tx, before, after, limit, exists().where(diffs.c.task == tasks.c.id))


def delete_diffs(tx: Transaction, found: list[TaskId]) -> None:
    tx.connection.execute(delete(diffs).where(diffs.c.task.in_(found)))


def _ended(
    tx: Transaction, before: datetime, after: TaskId, limit: int, condition: ColumnElement[bool]
) -> list[TaskId]:
    query = select(tasks.c.id).where(tasks.c.state.in_(_ENDS), tasks.c.state_at < before, tasks.c.id > after, condition)
    return [TaskId(found) for found in tx.connection.execute(query.order_by(tasks.c.id).limit(limit)).scalars()]


def is_over(tx: Transaction, task: TaskId, attempt: int, before: datetime) -> bool:
    """Whether nobody has needed an attempt's workspace since then: its task ended, or a later attempt began.

    False for a task that is not known: then it is not ours to judge.
    """
    row = tx.connection.execute(
        select(tasks.c.state, tasks.c.state_at, tasks.c.attempt).where(tasks.c.id == task)
    ).first()
    if row is None:
        return False
    if row.attempt == attempt:
        return row.state in ENDS and row.state_at < before
    ended = select(attempts.c.ended_at).where(attempts.c.task == task, attempts.c.attempt == attempt)
    ended_at = tx.connection.execute(ended).scalar()
    return attempt < row.attempt and ended_at is not None and ended_at < before
