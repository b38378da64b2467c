"""Looking at real processes: whether one lives, and waiting for a condition."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def lives(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def pid_in(file: Path) -> int:
    """The process id in a file that may still have to be written."""
    return int(waited_for(lambda: file.read_text().strip() if file.exists() else ""))


def waited_for(question: Callable[[], T], timeout_s: float = 5) -> T:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)
    return answer


async def comes_true(question: Callable[[], T], timeout_s: float = 5) -> T:
    """The same without holding up the loop."""
    async with asyncio.timeout(timeout_s):
        while not (answer := question()):  # noqa: ASYNC110 a process sets no Event of ours
            await asyncio.sleep(0.005)
        return answer
