"""Owns waiting for a condition without sleeping: looked at again after every change; knows no condition."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from slackbot.playground.model import Change
from slackbot.playground.workspace import Workspace

T = TypeVar("T")


class NeverHappened(TimeoutError):
    """What was waited for did not happen in time; the message shows the transcript."""


async def until(workspace: Workspace, condition: Callable[[], T | None], timeout_s: float) -> T:
    """The first true answer of `condition`, asked now and after every change. Raises NeverHappened."""
    changed = asyncio.Event()

    def wake(_change: Change) -> None:
        changed.set()

    unsubscribe = workspace.subscribe(wake)
    try:
        async with asyncio.timeout(timeout_s):
            while not (found := condition()):
                await changed.wait()
                changed.clear()
            return found
    except TimeoutError as error:
        raise NeverHappened(f"not within {timeout_s:g} s; Slack shows:\n{workspace.transcript()}") from error
    finally:
        unsubscribe()
