"""What the web pages show, read in one snapshot each. Read only; owns no rule and no layout."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select

from slackbot.core.task import ENDS, OPEN, Attempt, Change, Check, Decision, Task, TaskId, Turn
from slackbot.store import decisions, tasks, work
from slackbot.store.database import Transaction
from slackbot.store.rows import as_change, as_check, as_task, as_turn
from slackbot.store.tables import changes, checks, diffs, turns
from slackbot.store.tables import tasks as task_rows

_ENDS, _OPEN = sorted(ENDS), sorted(OPEN)


class Overview(NamedTuple):
    """`open_count` counts also the open tasks that the limit left out."""

    open: list[Task]
    open_count: int
    ended: list[Task]


class CheckRun(NamedTuple):
    repo: str
    check: Check


class TurnLine(NamedTuple):
    """A turn without its texts, which may be long."""

    attempt: int
    number: int
    kind: str
    agent: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    tokens: int | None


class History(NamedTuple):
    """Everything about one task but the texts of turns and diffs."""

    task: Task
    attempts: list[Attempt]
    changes: list[Change]
    checks: list[CheckRun]
    turns: list[TurnLine]
    decisions: list[Decision]


class ShownDiff(NamedTuple):
    change: Change
    text: str


def overview(tx: Transaction, open_limit: int, ended_limit: int) -> Overview:
    """Open tasks, the longest waiting first, and the newest ended ones, the last ended first."""
    # Named one by one: for "none of the ends" every task that ever was would be read.
    is_open = task_rows.c.state.in_(_OPEN)
    found = select(task_rows).where(is_open).order_by(task_rows.c.state_at, task_rows.c.id).limit(open_limit)
    count = tx.connection.execute(select(func.count()).select_from(task_rows).where(is_open)).scalar_one()
    newest = task_rows.c.state_at.desc(), task_rows.c.id.desc()
    ended = select(task_rows).where(task_rows.c.state.in_(_ENDS)).order_by(*newest).limit(ended_limit)
    return Overview(
        open=[as_task(row) for row in tx.connection.execute(found)],
        open_count=int(count),
        ended=[as_task(row) for row in tx.connection.execute(ended)],
    )


def history(tx: Transaction, task: int) -> History | None:
    """A task with all that its attempts left; None when there is no such task."""
    found = tasks.find(tx, task)
    if found is None:
        return None
    return History(
        task=found,
        attempts=work.attempts_of(tx, found.id),
        changes=_changes(tx, found.id),
        checks=_checks(tx, found.id),
        turns=_turns(tx, found.id),
        decisions=decisions.of_task(tx, found.id),
    )


def turn(tx: Transaction, task: int, attempt: int, number: int) -> Turn | None:
    where = and_(turns.c.task == task, turns.c.attempt == attempt, turns.c.number == number)
    row = tx.connection.execute(select(turns).where(where)).first()
    return as_turn(row) if row else None


def shown_diff(tx: Transaction, task: int, attempt: int, repo: str) -> ShownDiff | None:
    """What an attempt does to a repository, with the diff that was kept of it."""
    where = and_(changes.c.task == task, changes.c.attempt == attempt, changes.c.repo == repo)
    same = and_(diffs.c.task == changes.c.task, diffs.c.attempt == changes.c.attempt, diffs.c.repo == changes.c.repo)
    row = tx.connection.execute(select(changes, diffs.c.text).join(diffs, same).where(where)).first()
    return ShownDiff(as_change(row), row.text) if row else None


def _changes(tx: Transaction, task: TaskId) -> list[Change]:
    query = select(changes).where(changes.c.task == task).order_by(changes.c.attempt, changes.c.repo)
    return [as_change(row) for row in tx.connection.execute(query)]


def _checks(tx: Transaction, task: TaskId) -> list[CheckRun]:
    query = select(checks).where(checks.c.task == task).order_by(checks.c.id)
    return [CheckRun(row.repo, as_check(row)) for row in tx.connection.execute(query)]


def _turns(tx: Transaction, task: TaskId) -> list[TurnLine]:
    columns = (turns.c[name] for name in TurnLine._fields)
    query = select(*columns).where(turns.c.task == task).order_by(turns.c.attempt, turns.c.number)
    return [TurnLine(*row) for row in tx.connection.execute(query)]
