"""How long the bot takes from its start to Slack, with much behind it and with nothing."""

import asyncio
import shutil
from pathlib import Path

from bench.figure import Figure, Reach
from bench.house import house, lose_nothing
from bench.past import multiply, one_task, stop
from bench.samples import median
from bench.size import Size
from tests.stage import Stage

DONE = "SELECT count(*) FROM tasks WHERE state = 'done'"


async def figures(size: Size, folder: Path) -> list[Figure]:
    async with house(folder) as stage:
        await one_task(stage, landed=True)
        few, much = stage.folder / "data", stage.folder / "data-much"
        await asyncio.to_thread(shutil.copytree, few, much)
        await asyncio.to_thread(multiply, much / "slackbot.db", size.finished)
        with_few, with_much = [], []
        for _ in range(size.starts + 1):
            with_few.append(await _start_s(stage, few))
            with_much.append(await _start_s(stage, much))
        stage.folder.joinpath("data").rename(stage.folder / "data-few")
        much.rename(few)
        lose_nothing(stage, DONE, size.finished + 1)
    return [_figure(size, with_few[1:], with_much[1:])]


async def _start_s(stage: Stage, data: Path) -> float:
    stage.environment["SLACKBOT_DATA_DIR"] = str(data)
    clock = asyncio.get_running_loop().time
    began = clock()
    await stage.start_bot()
    took_s = clock() - began
    await stop(stage)
    return took_s


def _figure(size: Size, with_few: list[float], with_much: list[float]) -> Figure:
    return Figure(
        name=f"start with {size.finished:,} finished tasks", value=median(with_much), unit="s",
        reference=median(with_few), reference_name="one finished task", reach=Reach(times=1.2),
        how=f"From the process's start until it is connected to Slack; median of {len(with_much)}, taking turns, "
        "after one that does not count. Both databases also hold the engine's rows.",
    )  # fmt: skip
