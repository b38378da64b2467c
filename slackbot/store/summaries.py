"""Which daily summaries were posted or skipped, and the figures that they report."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select

from slackbot.core.task import Change, TaskId
from slackbot.store.database import Transaction
from slackbot.store.rows import as_change, insert_or_keep
from slackbot.store.tables import changes, checks, summaries, turns


class SlowCheck(NamedTuple):
    repo: str
    runs: int
    slowest_s: float
    budget_s: float


class Spent(NamedTuple):
    """`agent_s`: time that agents' turns took; `tokens`: what the agents told, 0 where they tell nothing."""

    turns: int
    agent_s: float
    tokens: int


def is_dealt_with(tx: Transaction, name: str, local_date: str) -> bool:
    """Whether the date's summary was posted, skipped, or failed for good."""
    query = select(summaries.c.outcome).where(summaries.c.name == name, summaries.c.local_date == local_date)
    return tx.connection.execute(query).first() is not None


def keep(tx: Transaction, name: str, local_date: str, outcome: str, at: datetime, ts: str | None = None) -> bool:
    row = {"name": name, "local_date": local_date, "outcome": outcome, "at": at, "message_ts": ts}
    return insert_or_keep(tx, summaries, row)


def previous_at(tx: Transaction, name: str) -> datetime | None:
    """When the entry last posted; its next post reports from there on."""
    return tx.connection.execute(
        select(func.max(summaries.c.at)).where(summaries.c.name == name, summaries.c.outcome == "posted")
    ).scalar()


def slow_checks(tx: Transaction, start: datetime, end: datetime) -> list[SlowCheck]:
    """Checks over their budget in the interval, by repository."""
    over = and_(checks.c.at >= start, checks.c.at < end, checks.c.duration_s > checks.c.budget_s)
    query = select(checks.c.repo, func.count(), func.max(checks.c.duration_s), func.max(checks.c.budget_s)).where(over)
    rows = tx.connection.execute(query.group_by(checks.c.repo).order_by(checks.c.repo))
    return [SlowCheck(repo, int(runs), float(slowest), float(budget)) for repo, runs, slowest, budget in rows]


def spent(tx: Transaction, start: datetime, end: datetime) -> Spent:
    """What the agents' turns that began in the interval took."""
    query = select(turns.c.started_at, turns.c.ended_at, turns.c.tokens).where(
        turns.c.started_at >= start, turns.c.started_at < end
    )
    rows = tx.connection.execute(query).all()
    seconds = sum((row.ended_at - row.started_at).total_seconds() for row in rows if row.ended_at)
    return Spent(len(rows), seconds, sum(row.tokens or 0 for row in rows))


def landed_changes(tx: Transaction, tasks_: list[TaskId]) -> dict[TaskId, list[Change]]:
    """The landed changes of tasks, by task."""
    query = select(changes).where(changes.c.task.in_(tasks_), changes.c.landed_sha.is_not(None))
    found: dict[TaskId, list[Change]] = {}
    for row in tx.connection.execute(query.order_by(changes.c.task)):
        change = as_change(row)
        found.setdefault(change.task, []).append(change)
    return found
