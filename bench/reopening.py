"""How long after a kill -9 everything that was going on goes on again."""

import asyncio
import sqlite3
import time
from pathlib import Path

from bench.figure import Figure, Lost, Reach
from bench.house import count, counted, database, house, lose_nothing
from bench.samples import median
from bench.size import Size
from tests.stage import Stage

TASKS = "SELECT count(*) FROM tasks"
OPEN = "SELECT count(*) FROM tasks WHERE state NOT IN ('done', 'failed', 'cancelled')"
RUNNING = "SELECT count(*) FROM tasks WHERE state = 'running'"
GOING_ON = "SELECT workflow_uuid, recovery_attempts FROM workflow_status WHERE status = 'PENDING'"
NOW = "SELECT status, recovery_attempts FROM workflow_status WHERE workflow_uuid = ?"
ATTEMPTS = 4
MADE_S = 300.0


async def figures(size: Size, folder: Path) -> list[Figure]:
    took = [await _reopened(size, folder) for _ in range(size.repeats)]
    flows = took[-1][1]
    return [
        Figure(
            name=f"{size.reopened:,} open tasks after kill -9: all going on", value=median([s for s, _ in took]),
            unit="s", reach=Reach(most=10),
            how=f"{size.reopened:,} mentions at once, killed when each had its task: {ATTEMPTS} at work, the others "
            f"queued, their cards being posted. From the new process's start until it is connected, each of the "
            f"{flows:,} interrupted flows was taken up again, and the {ATTEMPTS} agents are back at work. Median of "
            f"{len(took)}.",
        )
    ]  # fmt: skip


async def _reopened(size: Size, folder: Path) -> tuple[float, int]:
    """Seconds until everything goes on, and how many flows had been interrupted."""
    async with house(folder, agent="waits", attempts=ATTEMPTS) as stage:
        await stage.start_bot()
        for number in range(size.reopened):
            await stage.mention(f"task {number}")
        await counted(stage, TASKS, size.reopened, MADE_S)
        await counted(stage, RUNNING, ATTEMPTS, MADE_S)
        await stage.until(lambda: len(_agents(stage)) == ATTEMPTS, 60)
        await stage.kill_bot()
        await stage.slack.until(lambda: not stage.slack.socket.connections)
        await stage.until(lambda: not _agents(stage))
        interrupted = await asyncio.to_thread(_going_on, database(stage))
        began = time.perf_counter()
        await stage.start_bot()
        await stage.until(lambda: _taken_up(stage, interrupted), 120)
        took_s = time.perf_counter() - began
        lose_nothing(stage, OPEN, size.reopened)
        _refuse_doubles(stage)
        return took_s, len(interrupted)


def _going_on(file: Path) -> dict[str, int]:
    rows = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return {str(flow): int(times) for flow, times in rows.execute(GOING_ON)}
    finally:
        rows.close()


def _taken_up(stage: Stage, interrupted: dict[str, int]) -> bool:
    """Whether every interrupted flow was begun again or is done, and as many agents run as may."""
    if len(_agents(stage)) < ATTEMPTS:
        return False
    rows = sqlite3.connect(f"file:{database(stage)}?mode=ro", uri=True, timeout=30)
    try:
        now = {flow: rows.execute(NOW, (flow,)).fetchone() for flow in interrupted}
    finally:
        rows.close()
    if any(found is None for found in now.values()):
        raise Lost("a flow that was going on is gone")
    return all(now[flow][0] != "PENDING" or now[flow][1] > times for flow, times in interrupted.items())


def _agents(stage: Stage) -> list[str]:
    """The agents' processes of this stage: their folder is a workspace of it."""
    below = str(stage.folder / "data" / "workspaces")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            works_in, called = str((process / "cwd").readlink()), (process / "cmdline").read_bytes()
        except OSError:  # it ended while we looked
            continue
        if works_in.startswith(below) and b'["wait"]' in called and b"keeper" not in called:
            found.append(process.name)
    return found


def _refuse_doubles(stage: Stage) -> None:
    doubled = "SELECT count(*) - count(DISTINCT request_key) FROM tasks"
    if count(database(stage), doubled):
        raise Lost("a mention has two tasks")
