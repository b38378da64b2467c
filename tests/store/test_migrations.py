"""Migrations make the tables that the queries expect."""

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from slackbot.core.errors import StoreUnavailable
from slackbot.core.task import OPEN, TaskState
from slackbot.store import migrate, tasks
from slackbot.store.database import Database
from slackbot.store.tables import OPEN_STATES, metadata
from tests.store.conftest import MIGRATIONS
from tests.store.samples import create


def test_the_migrations_make_the_tables_of_tables_py(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_partial_indexes_have_the_conditions_of_tables_py(url: str) -> None:
    """The comparison above does not look at conditions."""
    engine = create_engine(url)
    found = {
        index["name"]: str(index["dialect_options"].get(f"{engine.dialect.name}_where", ""))
        for table in metadata.tables
        for index in inspect(engine).get_indexes(table)
    }
    engine.dispose()
    wanted = {
        index.name: str(index.dialect_options[engine.dialect.name]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options[engine.dialect.name]["where"] is not None
    }
    assert wanted
    for name, condition in wanted.items():
        words = {word.strip("()'\",") for word in condition.split() if word.isidentifier()}
        assert found[name], name
        assert all(word.lower() in found[name].lower() for word in words - {"NOT", "IN"}), name


async def test_upgrading_again_changes_nothing_and_keeps_rows(empty_url: str) -> None:
    assert migrate.missing(empty_url, MIGRATIONS)
    migrate.upgrade(empty_url, MIGRATIONS)
    assert not migrate.missing(empty_url, MIGRATIONS)
    database = Database(empty_url)
    made = await database.write(create)
    migrate.upgrade(empty_url, MIGRATIONS)
    assert await database.read(tasks.get, made.id) == made
    database.close()


BREAKS_OFF = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "9999", "{after}"
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    raise KeyboardInterrupt
"""


def test_an_upgrade_that_breaks_off_leaves_nothing_and_the_next_one_does_it_all(empty_url: str, tmp_path: Path) -> None:
    broken = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    newest = ScriptDirectory(str(broken)).get_current_head()
    (broken / "versions" / "9999_breaks_off.py").write_text(BREAKS_OFF.format(after=newest))
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(empty_url, broken)
    engine = create_engine(empty_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    migrate.upgrade(empty_url, MIGRATIONS)
    assert not migrate.missing(empty_url, MIGRATIONS)


def test_a_place_that_cannot_be_opened_is_a_clear_error(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/missing/slackbot.db"
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        migrate.upgrade(nowhere, MIGRATIONS)
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        migrate.missing(nowhere, MIGRATIONS)


def test_the_open_states_of_the_index_are_those_of_core() -> None:
    assert {state for state in TaskState if f"'{state}'" not in OPEN_STATES} == OPEN
