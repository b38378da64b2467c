"""A database without room: said so as one that is away, and as good as ever when there is room again."""

import pytest

from slackbot.core.errors import StoreUnavailable
from slackbot.store import inbox
from slackbot.store.database import Database, Transaction
from tests.store.samples import NOON, message

ENDLESS = 4_294_967_294


def _room(tx: Transaction, pages: int) -> None:
    tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


async def test_a_full_database_keeps_nothing_and_recovers(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("max_page_count is SQLite's")
    big = message(text="x" * 100_000)
    await database.write(_room, 1)  # no page more than it has
    with pytest.raises(StoreUnavailable, match="full"):
        await database.write(inbox.keep, big, NOON)
    assert await database.read(inbox.get, big.key) is None
    await database.write(_room, ENDLESS)
    assert await database.write(inbox.keep, big, NOON)
