"""Where writes wait for their transaction: together on SQLite, side by side on a server. Knows no table, no error."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

T = TypeVar("T")
AT_MOST = 100  # so that the first of a long queue does not wait for all of it


class Writer(Protocol):
    def write(self, query: Callable[[Connection], T]) -> Future[T]:
        """Run `query` in a transaction; the future is done when that is committed or rolled back."""

    def close(self) -> None:
        """Take nothing more; what waits is written first."""


class ParallelWriter:
    """Each write in a transaction of its own, several at once."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store-write")

    def write(self, query: Callable[[Connection], T]) -> Future[T]:
        return self._threads.submit(self._commit, query)

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _commit(self, query: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return query(connection)


@dataclass
class _Write:
    query: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)


class GroupedWriter:
    """One thread, in the order of arrival; what waits is committed together, since each commit waits for the disk.

    When one fails, those that shared its transaction run again, each alone: they may change nothing but rows.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._door, self._closed = threading.Lock(), False
        self._thread = threading.Thread(target=self._work, name="store-write", daemon=True)
        self._thread.start()

    def write(self, query: Callable[[Connection], T]) -> Future[T]:
        write = _Write(query)
        with self._door:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._waiting.put(write)
        return write.done

    def close(self) -> None:
        with self._door:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        last = False
        while not last:
            writes, last = self._next()
            wanted = [write for write in writes if write.done.set_running_or_notify_cancel()]
            if wanted:
                self._commit(wanted)

    def _next(self) -> tuple[list[_Write], bool]:
        """Wait for a write, take also what waits behind it; whether these are the last."""
        writes: list[_Write] = []
        while len(writes) < AT_MOST and not (writes and self._waiting.empty()):
            write = self._waiting.get()
            if write is None:
                return writes, True
            writes.append(write)
        return writes, False

    def _commit(self, writes: Sequence[_Write]) -> None:
        """All in one transaction, or when one of them fails, each in one of its own."""
        try:
            with self._engine.begin() as connection:
                results = [write.query(connection) for write in writes]
        except Exception as error:  # noqa: BLE001 whatever it is, whoever asked gets it
            self._part(writes, error)
        else:
            for write, result in zip(writes, results, strict=True):
                write.done.set_result(result)

    def _part(self, writes: Sequence[_Write], error: Exception) -> None:
        # A database that is away is so for all of them; each alone would only wait for it again.
        if len(writes) == 1 or isinstance(error, OperationalError):
            for write in writes:
                write.done.set_exception(error)
            return
        for write in writes:
            self._commit([write])
