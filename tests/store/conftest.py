"""A fresh, migrated database for each test: SQLite, and Postgres where SLACKBOT_TEST_POSTGRES_URL names one."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

from slackbot.store.database import Database
from slackbot.store.migrate import upgrade

MIGRATIONS = Path(__file__).parents[2] / "migrations"
POSTGRES = os.environ.get("SLACKBOT_TEST_POSTGRES_URL", "")
NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest schema; tests copy it, which is ten times faster than migrating."""
    path = tmp_path_factory.mktemp("migrated") / "slackbot.db"
    upgrade(f"sqlite:///{path}", MIGRATIONS)
    return path


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """The name of a Postgres database with the newest schema, the template of each test's own."""
    name = _new_postgres()
    upgrade(_postgres_url(name), MIGRATIONS)
    yield name
    _drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("SLACKBOT_TEST_POSTGRES_URL is not set")
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    name = _new_postgres()
    yield _postgres_url(name)
    _drop(name)


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of this test alone."""
    if backend == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "slackbot.db")
        yield f"sqlite:///{path}"
        return
    name = _new_postgres(template=request.getfixturevalue("migrated_postgres"))
    yield _postgres_url(name)
    _drop(name)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def other(url: str, database: Database) -> Iterator[Database]:
    """The same database as another process sees it."""
    opened = Database(url)
    yield opened
    opened.close()


def _new_postgres(template: str = "template1") -> str:
    name = f"pitcrew_test_{uuid4().hex}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _drop(name: str) -> None:
    _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(statement: str) -> None:
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _postgres_url(name: str) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
