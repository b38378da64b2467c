"""The disk is full: nothing is acked that is not kept, and the bot takes everything in when there is room again.

The kernel's limit on the size of a file stands in for the disk: a write beyond it fails as one on a full disk does.
"""

import os
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.stage import REPO, Stage, staged

ROOM_FOR_THE_LOG = 100_000


pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        stage.add_repo(REPO)
        stage.configure()
        await stage.start_bot()
        yield stage


def limit_files(stage: Stage, size: int) -> None:
    assert stage.bot is not None
    _, hard = resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (size, hard))


async def test_a_full_disk_acks_nothing_and_loses_nothing(stage: Stage) -> None:
    begun = await stage.mention(f"slow\nwrite slow.txt yes\nawait {stage.folder}/gate")
    await stage.card_with(begun, "turn 1")
    stage.slack.deliveries.retries_s = (0.5,) * 60
    assert (stage.folder / "data/slackbot.db-wal").stat().st_size > ROOM_FOR_THE_LOG
    os.truncate(stage.log, 0)

    limit_files(stage, ROOM_FOR_THE_LOG)
    (stage.folder / "gate").touch()
    await stage.until(lambda: "agent_turn_ended" in stage.log.read_text())
    late = await stage.mention("text There is room again.")
    await stage.until(lambda: stage.log.read_text().count("not_acked") >= 2)
    assert not [ack for ack in stage.slack.deliveries.acks() if ack.about == late and ack.acked_at]

    limit_files(stage, resource.RLIM_INFINITY)
    await stage.card_with(begun, "Ready for your decision")
    await stage.card_with(late, "Answered")
    assert len(stage.cards()) == 2
