"""What a person waits for who mentions an idle bot: the card, and then its buttons."""

import asyncio
from pathlib import Path

from bench.by_hand import ByHand
from bench.figure import Figure, Reach
from bench.house import house, lose_nothing
from bench.samples import median
from bench.size import Size
from tests.stage import REPO, Stage

OFFERED = "SELECT count(*) FROM tasks WHERE state = 'awaiting_approval'"
MS = 1000


async def figures(size: Size, folder: Path) -> list[Figure]:
    async with house(folder) as stage:
        await stage.start_bot()
        person = await asyncio.to_thread(ByHand, stage.origins[REPO].path, stage.folder)
        await _mention(stage, "warm up")
        await asyncio.to_thread(person.attempt_s, 0)
        bot, hand = [], []
        for number in range(1, size.journeys + 1):
            bot.append(await _mention(stage, f"journey {number}"))
            hand.append(await asyncio.to_thread(person.attempt_s, number))
        lose_nothing(stage, OFFERED, size.journeys + 1)
    return [_card([card for card, _ in bot]), _buttons([buttons for _, buttons in bot], hand)]


async def _mention(stage: Stage, text: str) -> tuple[float, float]:
    """Seconds until somebody sees the card, and until they see its buttons."""
    clock = asyncio.get_running_loop().time
    began = clock()
    ts = await stage.mention(text)
    await stage.slack.until(lambda: stage.card(ts), 30)
    card_s = clock() - began
    await stage.card_with(ts, "[Approve]")
    return card_s, clock() - began


def _card(seconds: list[float]) -> Figure:
    return Figure(
        name="mention → card on the screen, idle", value=MS * median(seconds), unit="ms", reach=Reach(most=150),
        how=f"Median of {len(seconds)} mentions, one after the other; the slowest took {MS * max(seconds):.0f} ms. "
        "The attempt begins at the same moment.",
    )  # fmt: skip


def _buttons(bot: list[float], hand: list[float]) -> Figure:
    return Figure(
        name="mention → buttons, the agent writes one line", value=median(bot), unit="s", reference=median(hand),
        reference_name="the same git and process steps by hand", reach=Reach(plus=0.6),
        how=f"The same {len(bot)} mentions, taking turns with the steps by hand: fetch, worktree, the agent's "
        "program, the check, add, commit, push. Medians.",
    )  # fmt: skip
