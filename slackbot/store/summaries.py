"""Which daily summaries were posted or not, and the figures that they report. Counts in the database, lists a few."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, extract, func, literal_column, select

from slackbot.core.task import Change, Task, TaskId, TaskState
from slackbot.store.database import Transaction
from slackbot.store.rows import as_change, as_task, insert_or_keep
from slackbot.store.tables import OVER_BUDGET, changes, checks, summaries, tasks, turns


class Listed(NamedTuple):
    """`total` counts also the tasks that the limit left out."""

    total: int
    tasks: list[Task]


class SlowCheck(NamedTuple):
    """A repository's runs over budget, how many and the worst."""

    repo: str
    runs: int
    slowest_s: float
    budget_s: float


class Spent(NamedTuple):
    """`agent_s`: time that agents' turns took; `tokens`: what the agents told, 0 where they tell nothing."""

    turns: int
    agent_s: float
    tokens: int


def is_recorded(tx: Transaction, name: str, local_date: str) -> bool:
    """Whether the date's summary was posted, skipped, or failed for good."""
    query = select(summaries.c.outcome).where(summaries.c.name == name, summaries.c.local_date == local_date)
    return tx.connection.execute(query).first() is not None


def record(
    tx: Transaction, name: str, local_date: str, outcome: str, *, at: datetime, until: datetime | None = None,
    message_ts: str | None = None,
) -> bool:  # fmt: skip
    """Say what became of a date; `until`: where a posted one's period ends. The first word stands, False for later."""
    row = {
        "name": name, "local_date": local_date, "outcome": outcome, "at": at, "until": until, "message_ts": message_ts,
    }  # fmt: skip
    return insert_or_keep(tx, summaries, row)


def newest_recorded(tx: Transaction, name: str) -> str | None:
    """The newest local date of an entry that was dealt with."""
    return tx.connection.execute(select(func.max(summaries.c.local_date)).where(summaries.c.name == name)).scalar()


def reported_until(tx: Transaction, name: str) -> datetime | None:
    """Where the period of the entry's last post ended; the next one reports from there on."""
    return tx.connection.execute(select(func.max(summaries.c.until)).where(summaries.c.name == name)).scalar()


def landed(tx: Transaction, start: datetime, end: datetime, limit: int) -> Listed:
    """Tasks whose change landed in the half-open interval, oldest first."""
    return _listed(tx, and_(_reached(TaskState.DONE, start, end), _has_landed()), limit)


def answered(tx: Transaction, start: datetime, end: datetime) -> int:
    """How many tasks were done in the interval without a change."""
    return _count(tx, and_(_reached(TaskState.DONE, start, end), ~_has_landed()))


def failed(tx: Transaction, start: datetime, end: datetime, limit: int) -> Listed:
    """Tasks that failed in the interval and were not tried again, oldest first."""
    return _listed(tx, _reached(TaskState.FAILED, start, end), limit)


def standing(tx: Transaction, states: Iterable[TaskState], limit: int) -> Listed:
    """Tasks that are in these states now, the longest there first."""
    return _listed(tx, tasks.c.state.in_(sorted(states)), limit)


def _reached(state: TaskState, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(tasks.c.state == state, tasks.c.state_at >= start, tasks.c.state_at < end)


def _has_landed() -> ColumnElement[bool]:
    return exists(select(changes.c.task).where(changes.c.task == tasks.c.id, changes.c.landed_sha.is_not(None)))


def _count(tx: Transaction, condition: ColumnElement[bool]) -> int:
    return int(tx.connection.execute(select(func.count()).select_from(tasks).where(condition)).scalar_one())


def _listed(tx: Transaction, condition: ColumnElement[bool], limit: int) -> Listed:
    order = tasks.c.state_at, tasks.c.id
    # Ids first: an index alone sorts them, and only the few that are shown are read whole.
    ids = select(tasks.c.id).where(condition).order_by(*order).limit(limit).scalar_subquery()
    rows = tx.connection.execute(select(tasks).where(tasks.c.id.in_(ids)).order_by(*order))
    return Listed(_count(tx, condition), [as_task(row) for row in rows])


def slow_checks(tx: Transaction, start: datetime, end: datetime) -> list[SlowCheck]:
    """Checks over their budget in the interval, by repository."""
    # Literally the condition of the index: with anything else SQLite would not use it.
    over = and_(checks.c.at >= start, checks.c.at < end, literal_column(OVER_BUDGET))
    query = select(checks.c.repo, func.count(), func.max(checks.c.duration_s), func.max(checks.c.budget_s)).where(over)
    rows = tx.connection.execute(query.group_by(checks.c.repo).order_by(checks.c.repo))
    return [SlowCheck(repo, int(runs), float(slowest), float(budget)) for repo, runs, slowest, budget in rows]


def spent(tx: Transaction, start: datetime, end: datetime) -> Spent:
    """What the agents' turns that began in the interval took; on SQLite each one's time is cut to whole seconds."""
    took_s = extract("epoch", turns.c.ended_at) - extract("epoch", turns.c.started_at)
    began = and_(turns.c.started_at >= start, turns.c.started_at < end)
    query = select(func.count(), func.sum(took_s), func.sum(turns.c.tokens)).where(began)
    number, seconds, tokens = tx.connection.execute(query).one()
    return Spent(int(number), float(seconds or 0), int(tokens or 0))


def landed_changes(tx: Transaction, landed_tasks: Iterable[TaskId]) -> dict[TaskId, list[Change]]:
    """The landed changes of tasks, by task."""
    query = select(changes).where(changes.c.task.in_(list(landed_tasks)), changes.c.landed_sha.is_not(None))
    found: dict[TaskId, list[Change]] = {}
    for row in tx.connection.execute(query.order_by(changes.c.task, changes.c.repo)):
        change = as_change(row)
        found.setdefault(change.task, []).append(change)
    return found
