"""How far the bot has listened: what it heard last, where people talk to it. Reads the inbox and tasks' messages."""

from datetime import datetime

from sqlalchemy import func, select

from slackbot.core.request import MessageRequest
from slackbot.core.task import Task
from slackbot.store import inbox as rows
from slackbot.store.database import Transaction
from slackbot.store.tables import inbox, messages


def last_at(tx: Transaction) -> datetime | None:
    """When anything that concerned us came in last; None: never."""
    return tx.connection.execute(select(func.max(inbox.c.received_at))).scalar()


def channels(tx: Transaction, since: datetime, limit: int) -> list[str]:
    """Where somebody talked to us since then, direct messages too; the most recent first."""
    newest = func.max(inbox.c.received_at)
    query = select(inbox.c.channel).where(inbox.c.received_at >= since, inbox.c.channel != "")
    return list(tx.connection.execute(query.group_by(inbox.c.channel).order_by(newest.desc()).limit(limit)).scalars())


def last_ts(tx: Transaction, task: Task) -> str:
    """The newest message of the task's thread that was kept for it; its request when there is none."""
    newest = tx.connection.execute(select(func.max(messages.c.ts)).where(messages.c.task == task.id)).scalar()
    return max(task.request_ts, newest or "")


def unheard(tx: Transaction, message: MessageRequest) -> MessageRequest | None:
    """What of a message in the history is news: all of it, its edit, or nothing.

    A message that was edited before anybody heard it is one message: Slack may still send its first version.
    """
    if message.edited_ts and rows.get(tx, message.key) is not None:
        return None
    first = message.model_copy(update={"edited_ts": None})
    kept = rows.get(tx, first.key)
    if kept is None:
        return first
    changed = message.edited_ts and isinstance(kept, MessageRequest) and kept.text != message.text
    return message if changed else None
