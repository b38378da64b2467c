"""What the bot holds in memory: idle, and for each task that waits for people."""

import asyncio
from pathlib import Path

from bench.figure import Figure, Reach
from bench.house import database, house, lose_nothing, start_plain
from bench.outside import show_outside
from bench.past import multiply, one_task
from bench.samples import MB, resident_bytes
from bench.size import Size
from tests.stage import Stage

WAITING = "SELECT count(*) FROM tasks WHERE state = 'awaiting_approval'"
KB = 1000.0


async def figures(size: Size, folder: Path) -> list[Figure]:
    return [await _slope(size, folder), await _idle(size, folder)]


async def _slope(size: Size, folder: Path) -> Figure:
    few, many = size.waiting
    held_few, held_many = await _held_bytes(size, folder, few), await _held_bytes(size, folder, many)
    return Figure(
        name=f"memory per task waiting for approval, {few:,} to {many:,}", unit="KB", reach=Reach(most=1),
        value=(held_many - held_few) / (many - few) / KB,
        how=f"Resident: {held_few / MB:.1f} MB with {few:,}, {held_many / MB:.1f} MB with {many:,}; copies of a real "
        "waiting task, with their branches, pull requests and cards; read when it had not called "
        f"Slack for {size.settle_s:g} s, or {size.settle_most_s:g} s after the start.",
    )  # fmt: skip


async def _held_bytes(size: Size, folder: Path, waiting: int) -> int:
    async with house(folder) as stage:
        await one_task(stage, landed=False)
        await asyncio.to_thread(multiply, database(stage), waiting - 1)
        await asyncio.to_thread(show_outside, stage, waiting)
        await stage.start_bot()
        held = await _settled_bytes(stage, size)
        lose_nothing(stage, WAITING, waiting)
        return held


async def _idle(size: Size, folder: Path) -> Figure:
    async with house(folder) as stage:
        await stage.start_bot()
        held = await _settled_bytes(stage, size)
    async with house(folder) as stage:
        await start_plain(stage, "bench.plain_engine")
        floor = await _settled_bytes(stage, size)
    return Figure(
        name="idle bot, resident", value=held / MB, unit="MB", reference=floor / MB,
        reference_name="a Bolt + DBOS process", reach=Reach(most=150),
        how=f"VmRSS of the process and its children, {size.settle_s:g} s after it is connected.",
    )  # fmt: skip


async def _settled_bytes(stage: Stage, size: Size) -> int:
    """What it holds when it has not called Slack for a while, or goes on calling."""
    assert stage.bot is not None
    calls, clock = -1, asyncio.get_running_loop().time
    until = clock() + size.settle_most_s
    while calls != (calls := len(stage.slack.calls())) and clock() < until:  # noqa: ASYNC110 quiet is no event
        await asyncio.sleep(size.settle_s)
    return resident_bytes(stage.bot.pid)
