"""Whether the bot is paused, and by whom."""

from datetime import datetime

from sqlalchemy import delete, select

from slackbot.store.database import Transaction
from slackbot.store.rows import insert_or_keep
from slackbot.store.tables import pauses

ATTEMPTS = "attempts"


def begin(tx: Transaction, by: str, at: datetime) -> bool:
    """From now on no attempt begins; False when it was so already."""
    return insert_or_keep(tx, pauses, {"what": ATTEMPTS, "by": by, "at": at})


def end(tx: Transaction) -> bool:
    """Attempts begin again; False when nothing was paused."""
    return tx.connection.execute(delete(pauses).where(pauses.c.what == ATTEMPTS)).rowcount == 1


def by_whom(tx: Transaction) -> str | None:
    """Who paused the bot; None while it works."""
    return tx.connection.execute(select(pauses.c.by).where(pauses.c.what == ATTEMPTS)).scalar()
