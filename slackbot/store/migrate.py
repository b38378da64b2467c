"""Brings a database to the newest schema. Knows where the versions lie only from its caller."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool
from sqlalchemy.exc import DatabaseError, OperationalError

from slackbot.core.errors import StoreUnavailable


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def upgrade(url: str, migrations: Path) -> None:
    """Run every version that the database does not have. Safe to repeat. Raises StoreUnavailable."""
    engine = create_engine(url, poolclass=pool.NullPool)
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
