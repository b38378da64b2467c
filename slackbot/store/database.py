"""Opens transactions on threads of its own and translates the driver's errors. Knows no table."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from slackbot.core.errors import StoreConflict, StoreUnavailable
from slackbot.store.writers import GroupedWriter, ParallelWriter, Writer

P = ParamSpec("P")
T = TypeVar("T")
BUSY_TIMEOUT_MS = 30_000
WRITERS, READERS = 8, 4


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


@contextmanager
def _translated() -> Iterator[None]:
    """No error of the driver's leaves this room."""
    try:
        yield
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


class Database:
    """`read` and `write` run a query function in a transaction, off the event loop.

    A write is committed when `write` returns; it is safe to await from any task. Raises StoreUnavailable.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._writer: Writer
        if self.is_sqlite:
            self._writers = create_engine(url, pool_size=1, max_overflow=0)
            self._readers = create_engine(url, pool_size=READERS, max_overflow=0)
            _prepare_sqlite(self._writers, "BEGIN IMMEDIATE")
            _prepare_sqlite(self._readers, "BEGIN")
            self._writer = GroupedWriter(self._writers)
        else:
            pool = WRITERS + READERS
            self._writers = create_engine(url, pool_size=pool, max_overflow=0, pool_pre_ping=True)
            # By default each statement of a transaction would see another moment.
            self._readers = self._writers.execution_options(isolation_level="REPEATABLE READ")
            self._writer = ParallelWriter(self._writers, WRITERS)
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")

    async def write(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query` in a write transaction and commit it; any exception rolls it back.

        It may change nothing but rows: on SQLite it may run a second time (see GroupedWriter).
        """
        with _translated():
            return await asyncio.wrap_future(self._writer.write(lambda raw: query(Transaction(raw), *args, **kwargs)))

    async def read(self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query` on one consistent snapshot."""
        with _translated():
            return await asyncio.wrap_future(
                self._read_threads.submit(self._look, lambda raw: query(Transaction(raw), *args, **kwargs))
            )

    def _look(self, query: Callable[[Connection], T]) -> T:
        with self._readers.begin() as connection:
            return query(connection)

    def close(self) -> None:
        """End the threads and connections; running queries finish first."""
        self._writer.close()
        self._read_threads.shutdown(wait=True)
        self._writers.dispose()
        self._readers.dispose()
