"""A read sees one moment, whatever is written meanwhile."""

from sqlalchemy import create_engine, func, select, text

from slackbot.store.database import Database, Transaction
from slackbot.store.tables import tasks
from tests.store import samples


async def test_a_read_sees_one_moment(database: Database, url: str) -> None:
    await samples.a_task(database)
    other = create_engine(url)

    def query(tx: Transaction) -> tuple[str, str]:
        before = tx.connection.execute(select(func.max(tasks.c.text))).scalar_one()
        with other.begin() as connection:
            connection.execute(text("UPDATE tasks SET text = 'zzz'"))
        return before, tx.connection.execute(select(func.max(tasks.c.text))).scalar_one()

    before, after = await database.read(query)
    other.dispose()
    assert before == after


async def test_a_write_after_a_read_is_seen_by_the_next(database: Database) -> None:
    task = await samples.a_task(database)
    await database.read(lambda tx: tx.connection.execute(select(tasks)).all())
    await database.write(lambda tx: tx.connection.execute(text("UPDATE tasks SET text = 'zzz'")))
    assert (await database.read(lambda tx: tx.connection.execute(select(tasks.c.text)).scalars().all())) == ["zzz"]
    assert task.text != "zzz"
