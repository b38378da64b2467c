"""One at a time: a lock per key within an event loop, a file lock between processes. Knows nothing of git."""

import asyncio
import fcntl
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from slackbot.core.errors import RepoError

T = TypeVar("T")
POLL_S = 0.02


class Locks:
    """Holds the keys of one data directory. Used from several event loops: the engine has one of its own."""

    def __init__(self, folder: Path, wait_s: float) -> None:
        self._folder = folder
        self._wait_s = wait_s
        self._closed = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="git")
        self._in_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread of our own; a cancelled caller leaves it to finish."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def alone(self, key: str, work: Callable[[int], T]) -> T:
        """Run blocking work while nobody else, here or in another process, works under the same key."""

        def locked() -> T:
            with self.file_lock(key) as lock_fd:
                return work(lock_fd)

        async with self._loop_lock(key):
            return await self.off_loop(locked)

    def close(self) -> None:
        """Let nobody wait any longer; what is queued is not begun."""
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def _loop_lock(self, key: str) -> AsyncIterator[None]:
        # The file lock alone would do; this keeps waiting callers from taking up the pool's threads.
        locks = self._in_loop.setdefault(asyncio.get_running_loop(), {})
        async with locks.setdefault(key, asyncio.Lock()):
            yield

    @contextmanager
    def file_lock(self, key: str) -> Iterator[int]:
        """Hold the key's file lock, from a thread; the descriptor may be passed on to processes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock_fd = os.open(self._folder / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._wait_for(lock_fd, key)
            yield lock_fd
        finally:
            os.close(lock_fd)

    @contextmanager
    def all_at_once(self, keys: Iterable[str]) -> Iterator[None]:
        """Hold the file locks of all keys, without waiting for any. Raises a retryable RepoError when one is held."""
        with ExitStack() as held:
            for key in keys:
                held.enter_context(self._at_once(key))
            yield

    @contextmanager
    def _at_once(self, key: str) -> Iterator[None]:
        lock_fd = os.open(self._folder / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise RepoError(key, "lock", "it is in use; try again later", retryable=True) from error
        finally:
            os.close(lock_fd)

    def _wait_for(self, lock_fd: int, key: str) -> None:
        give_up_at = time.monotonic() + self._wait_s
        while True:
            try:
                return fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if self._closed.wait(POLL_S) or time.monotonic() > give_up_at:
                    reason = "another process has been working on it for too long; try again later"
                    raise RepoError(key, "lock", reason, retryable=True) from error
