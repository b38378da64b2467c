"""Brings a database to the newest schema. Knows where the versions lie only from its caller."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, pool
from sqlalchemy.exc import DatabaseError, OperationalError

from slackbot.core.errors import StoreUnavailable


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def _in_one_transaction(engine: Engine) -> None:
    """Let SQLite too keep all versions or none: its driver would commit every table by itself.

    A bot that was killed in its first second would find tables without a version, and never start again.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(raw, _record) -> None:  # type: ignore[no-untyped-def]
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def upgrade(url: str, migrations: Path) -> None:
    """Run every version that the database does not have: all or none. Safe to repeat. Raises StoreUnavailable."""
    engine = create_engine(url, poolclass=pool.NullPool)
    _in_one_transaction(engine)
    config = _config(migrations)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise StoreUnavailable(f"The database cannot be opened: {error.orig}") from error
    finally:
        engine.dispose()


def missing(url: str, migrations: Path) -> bool:
    """Whether the database lacks the newest version. Raises StoreUnavailable."""
    engine = create_engine(url, poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise StoreUnavailable(f"The database cannot be opened: {error.orig}") from error
    finally:
        engine.dispose()
    return current != ScriptDirectory.from_config(_config(migrations)).get_current_head()
