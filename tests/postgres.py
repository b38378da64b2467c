"""A Postgres database of its own for whoever asks, on the server that SLACKBOT_TEST_POSTGRES_URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

SERVER = os.environ.get("SLACKBOT_TEST_POSTGRES_URL", "")


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """The URL of an empty database as an operator writes it; the database is gone afterwards."""
    name = f"pitcrew_stage_{uuid4().hex}"
    _administer(f'CREATE DATABASE "{name}"')
    try:
        yield make_url(SERVER).set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def settings_of(backend: str) -> Iterator[dict[str, str]]:
    """What the bot is told of its database: nothing for SQLite, else a Postgres database of its own."""
    if backend == "sqlite":
        yield {}
        return
    if not SERVER:
        pytest.skip("SLACKBOT_TEST_POSTGRES_URL is not set")
    with fresh_postgres() as url:
        yield {"SLACKBOT_DATABASE_URL": url}


def _administer(statement: str) -> None:
    server = make_url(SERVER).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
