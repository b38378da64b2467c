"""Who decided what, bound to what they saw."""

from sqlalchemy import select

from slackbot.core.task import Change, Decision, DecisionKind, TaskId
from slackbot.store.database import Transaction
from slackbot.store.rows import as_decision, insert_or_keep
from slackbot.store.tables import decisions


def keep(tx: Transaction, decision: Decision, change: Change | None = None) -> bool:
    """Remember a decision; an approval also remembers base and diff. False when the click is there already."""
    bound = {"base_sha": change.base_sha, "diff_hash": change.diff_hash} if change else {}
    return insert_or_keep(tx, decisions, decision.model_dump() | bound)


def exists(tx: Transaction, key: str) -> bool:
    return tx.connection.execute(select(decisions.c.key).where(decisions.c.key == key)).first() is not None


def of_task(tx: Transaction, task: TaskId) -> list[Decision]:
    query = select(decisions).where(decisions.c.task == task).order_by(decisions.c.at, decisions.c.key)
    return [as_decision(row) for row in tx.connection.execute(query)]


def latest_approval(tx: Transaction, task: TaskId, attempt: int) -> str | None:
    """The key of the attempt's newest approval."""
    query = select(decisions.c.key).where(
        decisions.c.task == task, decisions.c.attempt == attempt, decisions.c.kind == DecisionKind.APPROVE
    )
    return tx.connection.execute(query.order_by(decisions.c.at.desc(), decisions.c.key.desc()).limit(1)).scalar()
