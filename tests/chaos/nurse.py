"""Keeps the bot up as a supervisor does: whenever it died, a normal one is started."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.chaos.order import settles
from tests.chaos.stories import Scene, Story, mentioned_again
from tests.stage import Stage


class Nurse:
    """`deaths`: the exit codes of the bots that ended so far."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.deaths: list[int] = []

    async def watch(self) -> None:
        """Start the bot again whenever it was killed, for ever. Raises AssertionError when it ended by itself."""
        while True:
            assert self._stage.bot is not None
            code = await self._stage.bot.wait()
            assert code == -signal.SIGKILL, f"the bot ended with code {code}"
            self.deaths.append(code)
            await self._stage.launch_bot()


@asynccontextmanager
async def nursed(stage: Stage) -> AsyncIterator[Nurse]:
    """A bot that is running is kept running; a nurse that fails ends the block with her error."""
    nurse = Nurse(stage)
    body = asyncio.current_task()
    assert body is not None
    watching = asyncio.create_task(nurse.watch())
    watching.add_done_callback(lambda done: None if done.cancelled() else body.cancel())
    try:
        yield nurse
    except asyncio.CancelledError:
        if watching.done() and not watching.cancelled():
            await watching
        raise
    finally:
        watching.cancel()


async def survives(stage: Stage, story: Story) -> Nurse:
    """Play a story to its end with a bot that dies in it, then look whether everything is in order."""
    scene = Scene(stage)
    async with nursed(stage) as nurse:
        thread = await story(scene)
        await mentioned_again(scene, thread)
        await settles(stage)
    return nurse
