"""Opens transactions on threads of its own and translates the driver's errors. Knows no table."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from slackbot.core.errors import StoreConflict, StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")
BUSY_TIMEOUT_MS = 30_000


@dataclass(frozen=True)
class Transaction:
    """One open transaction; opaque to everybody but the store and the engine."""

    connection: Connection


def _prepare_sqlite(engine: Engine, begin: str) -> None:
    """WAL with full sync, as the engine's traps list asks; `begin` IMMEDIATE spares writers a deadlock on upgrade."""

    @event.listens_for(engine, "connect")
    def on_connect(raw, _record) -> None:  # type: ignore[no-untyped-def]
        raw.isolation_level = None
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


class Database:
    """`read` and `write` run a query function in a transaction, off the event loop.

    A write is committed when `write` returns; it is safe to await from any task. Raises StoreUnavailable.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = create_engine(url, pool_size=1, max_overflow=0)
            self._reader = create_engine(url, pool_size=4, max_overflow=0)
            _prepare_sqlite(self._writer, "BEGIN IMMEDIATE")
            _prepare_sqlite(self._reader, "BEGIN")
        else:
            self._writer = self._reader = create_engine(url, pool_size=12, max_overflow=0, pool_pre_ping=True)
        writers = 1 if self.is_sqlite else 8
        self._write_threads = ThreadPoolExecutor(writers, thread_name_prefix="store-write")
        self._read_threads = ThreadPoolExecutor(4, thread_name_prefix="store-read")

    async def write(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query` in a write transaction and commit it; any exception rolls it back."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_threads, lambda: self._run(self._writer, query, *args, **kwargs))

    async def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query` on one consistent snapshot."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, lambda: self._run(self._reader, query, *args, **kwargs))

    def _run(
        self, engine: Engine, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            with engine.begin() as connection:
                return query(Transaction(connection), *args, **kwargs)
        except IntegrityError as error:
            raise StoreConflict(f"Another process wrote first: {error.orig}") from error
        except (OperationalError, InternalError) as error:  # internal: a Postgres that has become read-only
            raise StoreUnavailable(f"The database is away: {error.orig}") from error
        except PoolTimeout as error:
            raise StoreUnavailable(f"No connection to the database became free: {error}") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable(f"The database is away: {error.orig}") from error
            raise

    def close(self) -> None:
        """End the threads and connections; running queries finish first."""
        self._write_threads.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._writer.dispose()
        self._reader.dispose()
