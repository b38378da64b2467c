"""How soon Slack hears that we have it: mentions at a steady pace while intake works, and very many at once."""

import asyncio
from pathlib import Path

from bench.figure import Figure, Lost, Reach
from bench.house import counted, house, lose_nothing, start_plain
from bench.samples import median, percentile
from bench.size import Size
from slackbot.playground.deliveries import Delivery
from tests.stage import Stage

TASKS = "SELECT count(*) FROM tasks"
INBOX = "SELECT count(*) FROM inbox"
INTAKE_S = 300.0
MS = 1000


async def figures(size: Size, folder: Path) -> list[Figure]:
    return [await _steady(size, folder), await _burst(size, folder)]


async def _steady(size: Size, folder: Path) -> Figure:
    number, pace_s = size.mentions_per_s * size.steady_s, 1 / size.mentions_per_s
    ours, plain = [], []
    for _ in range(size.repeats):
        ours.append(percentile((await _bot_acks(folder, number, pace_s)).took_ms, 99))
        plain.append(percentile((await _plain_acks(folder, number, pace_s)).took_ms, 99))
    return Figure(
        name=f"ack p99 at {size.mentions_per_s} mentions/s, intake running", value=median(ours), unit="ms",
        reference=median(plain), reference_name="a Bolt app that commits one row", reach=Reach(most=50, times=1.5),
        how=f"{size.repeats} runs of {number} mentions, two envelopes each, taking turns with the reference; every "
        "mention became a task, one agent ran and waited. Median of the runs' p99.",
    )  # fmt: skip


async def _burst(size: Size, folder: Path) -> Figure:
    ours, plain = [], []
    for _ in range(size.repeats):
        ours.append(await _bot_acks(folder, size.burst, 0))
        plain.append(await _plain_acks(folder, size.burst, 0))
    last = median([acks.last_s for acks in ours])
    floor = median([acks.last_s for acks in plain])
    made = median([acks.tasks_s for acks in ours])
    return Figure(
        name=f"{size.burst:,} mentions at once: the last one acked", value=last, unit="s", reference=3.0,
        reference_name="Slack's limit", reach=Reach(most=1),
        how=f"Median of {size.repeats} bursts of {2 * size.burst:,} envelopes, from the first mention to the last "
        f"ack. The app that only commits one row: {floor:.2f} s. None lost: {size.burst:,} rows in the inbox, and "
        f"{made:.1f} s after the burst began as many tasks.",
    )  # fmt: skip


class Acks:
    """What became of a load: each envelope's time, the last ack's, and when the last task was made."""

    def __init__(self, took_ms: list[float], last_s: float, tasks_s: float = 0) -> None:
        self.took_ms, self.last_s, self.tasks_s = took_ms, last_s, tasks_s


async def _bot_acks(folder: Path, number: int, pace_s: float) -> Acks:
    async with house(folder, agent="waits", attempts=1) as stage:
        await stage.start_bot()
        await _warm_up(stage)
        before, clock = len(stage.slack.deliveries.all), asyncio.get_running_loop().time
        began = clock()
        acks = await _load(stage, number, pace_s, before)
        await counted(stage, TASKS, number + 1, INTAKE_S)
        acks.tasks_s = clock() - began
        lose_nothing(stage, INBOX, number + 1)
        return acks


async def _plain_acks(folder: Path, number: int, pace_s: float) -> Acks:
    async with house(folder) as stage:
        await start_plain(stage)
        await stage.mention("warm up")
        await stage.until(lambda: all(ack.took_s for ack in stage.slack.acks()))
        return await _load(stage, number, pace_s, len(stage.slack.deliveries.all))


async def _warm_up(stage: Stage) -> None:
    """The first mention of all; its agent then waits in the only place there is."""
    await stage.card_with(await stage.mention("begin"), "is at work")


async def _load(stage: Stage, number: int, pace_s: float, before: int) -> Acks:
    """Say so many mentions, one each `pace_s`; wait for every ack. Raises Lost when one does not come."""
    clock = asyncio.get_running_loop().time
    began, said = clock(), set()
    for place in range(number):
        await asyncio.sleep(max(0, began + place * pace_s - clock()) if pace_s else 0)
        said.add(await stage.mention(f"mention {place}"))
    sent = [made for made in stage.slack.deliveries.all[before:] if made.about in said]
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*(delivery.acked.wait() for delivery in sent))
    except TimeoutError as error:
        raise Lost(f"{sum(not made.acked.is_set() for made in sent)} envelopes were never acked") from error
    last_s = clock() - began
    return Acks([MS * _first_ack_s(delivery) for delivery in sent], last_s)


def _first_ack_s(delivery: Delivery) -> float:
    return min(ack.took_s for ack in delivery.envelopes.values() if ack.took_s is not None)
