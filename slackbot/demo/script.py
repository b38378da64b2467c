"""Plays the story without a browser, through local Slack's people, and says of every step whether it happened."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.markup import escape

from slackbot.core.errors import PitcrewError
from slackbot.demo.folder import CHECK, Folder
from slackbot.demo.narrator import Narrator
from slackbot.demo.scene import ALICE, BOB, CAROL, INCIDENTS
from slackbot.demo.story import FEEDBACK, REQUEST, Standing, Story, card_text
from slackbot.playground.people import NotAcked, SubmissionRefused
from slackbot.playground.server import LocalSlack
from slackbot.playground.waiting import NeverHappened

CLIENT, LESSONS = "payments/client.py", "docs/reliability.md"
PATIENCE = 40  # times longer for an agent that is not the built-in one
OVER = frozenset({Standing.READY, Standing.FAILED, Standing.ANSWERED, Standing.STOPPED})
MISSES = (NeverHappened, NotAcked, SubmissionRefused, PitcrewError, LookupError, OSError, aiohttp.ClientError)


class DidNotHappen(PitcrewError):
    """Something that a step looked for was not there."""


@dataclass(frozen=True)
class Step:
    """`limit_s`: how long it may take. `agents`: its time is the agent's."""

    title: str
    limit_s: float
    play: Callable[[], Awaitable[None]]
    agents: bool = False


class Script:
    """One performance. `exact`: with the built-in agent, whose changes are known to the letter."""

    def __init__(self, slack: LocalSlack, story: Story, folder: Folder, narrator: Narrator, *, exact: bool) -> None:
        self._slack, self._story, self._folder, self._exact = slack, story, folder, exact
        self._narrator = narrator
        self._plan_seen = False
        self._approve_value = ""

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("The check of main is red: charge() waits for ever", 10, self._check_is_red),
            Step("Alice, on call, asks for a fix in the alert's thread; the bot answers with a card", 10, self._ask),
            Step("The card shows the agent's plan", 10, self._see_plan, agents=True),
            Step("The check is green, and people are asked", 15, self._first_attempt, agents=True),
            Step("The diff can be read on the bot's page", 5, self._read_diff),
            Step("Bob clicks Rework and says what was wrong", 5, self._send_back),
            Step("Attempt 2 starts from scratch, with the feedback", 15, self._second_attempt, agents=True),
            Step("Alice, who asked, may not approve", 5, self._alice_may_not),
            Step("Bob approves, and it lands", 15, self._land),
            Step("main has the fix and the lesson, and its check is green", 10, self._main_is_mended),
            Step("There is one card, and no branch is left", 10, self._tidy),
            Step("Carol clicks the old Approve and is told who was first", 5, self._too_late),
        )

    async def perform(self, console: Console) -> int:
        """Play every step; exit code 1 when one did not happen, which is said of each."""
        steps, opened = self.steps(), time.monotonic()
        for number, step in enumerate(steps):
            limit_s = step.limit_s * (PATIENCE if step.agents and not self._exact else 1)
            began = time.monotonic()
            try:
                async with asyncio.timeout(limit_s):
                    await step.play()
            except MISSES as miss:
                console.print(f"[bold red]✗ {escape(step.title)}[/]: did not happen within {limit_s:g} s")
                console.print(f"  {_reason(miss)}\n{self._card()}", style="red", markup=False)
                for left in steps[number + 1 :]:
                    console.print(f"[red]✗ {escape(left.title)}[/]: not reached")
                return 1
            console.print(
                f"[bold green]✓ {escape(step.title)}[/] [dim]{time.monotonic() - began:.1f} s[/]", soft_wrap=True
            )
        console.print(f"\nAll {len(steps)} steps happened, in {time.monotonic() - opened:.1f} s.")
        return 0

    async def _check_is_red(self) -> None:
        before = await self._folder.check_out("before")
        if await _run_check(before) == 0:
            raise DidNotHappen("the check passed, although nothing is mended yet")

    async def _ask(self) -> None:
        self._slack.workspace.subscribe(lambda _: self._look_for_plan())
        await self._slack.people.say(ALICE, INCIDENTS, REQUEST, thread_ts=self._story.scene.alert_ts)
        await self._until(lambda: self._story.card() is not None)

    async def _see_plan(self) -> None:
        """Other agents need not have a plan."""
        await self._until(lambda: self._plan_seen or (not self._exact and self._story.standing() in OVER))

    def _look_for_plan(self) -> None:
        """It passes quickly, so every edit is looked at."""
        card = self._story.card()
        self._plan_seen |= card is not None and any(mark in card_text(card) for mark in ("\n▸ ", "\n◦ "))

    async def _first_attempt(self) -> None:
        await self._ready(attempt=1)
        if "✓ check" not in self._card():
            raise DidNotHappen("the card shows no green check")

    async def _read_diff(self) -> None:
        diff = await self._diff()
        if self._exact and ("TIMEOUT_S = 30" not in diff or LESSONS not in diff):
            raise DidNotHappen("the page shows neither the timeout of 30 s nor the lesson")

    async def _send_back(self) -> None:
        before = set(self._slack.workspace.views)
        await self._click(BOB, "rework")
        view = await self._slack.until(lambda: next(iter(set(self._slack.workspace.views) - before), None))
        self._narrator.tell_words(BOB, "Rework, what was wrong?", FEEDBACK)
        await self._slack.people.submit(BOB, view, {"feedback": {"text": FEEDBACK}})

    async def _second_attempt(self) -> None:
        await self._ready(attempt=2)
        diff = await self._diff()
        if self._exact and "TIMEOUT_S = 2" not in diff:
            raise DidNotHappen("attempt 2 does not do what the feedback says")

    async def _alice_may_not(self) -> None:
        await self._click(ALICE, "approve")
        await self._until(lambda: any("another person approves" in told for told in self._story.told(ALICE)))
        if self._story.standing() is not Standing.READY:
            raise DidNotHappen("the task moved on although Alice may not approve")

    async def _land(self) -> None:
        self._approve_value = self._story.button("approve") or ""
        await self._click(BOB, "approve")
        await self._until(lambda: self._story.standing() is Standing.LANDED)

    async def _main_is_mended(self) -> None:
        client, lessons = await self._folder.landed(CLIENT), await self._folder.landed(LESSONS)
        if self._exact and ("TIMEOUT_S = 2" not in client or "give up after 2 s" not in lessons):
            raise DidNotHappen("main has neither the timeout of 2 s nor the lesson")
        if await _run_check(await self._folder.check_out("after")) != 0:
            raise DidNotHappen("the check of main is red")

    async def _tidy(self) -> None:
        cards = len(self._story.cards())
        if cards != 1:
            raise DidNotHappen(f"there are {cards} cards")
        for _ in range(100):
            if not any(name.startswith("pitcrew/") for name in await self._folder.branches()):
                return
            await asyncio.sleep(0.1)  # git tells nobody when a branch goes
        raise DidNotHappen("a branch of pitcrew's is left")

    async def _too_late(self) -> None:
        card = self._story.card()
        ts = card.ts if card else ""
        await self._slack.people.click(CAROL, INCIDENTS, ts, "approve", self._approve_value)
        await self._until(lambda: any(f"<@{BOB}> decided first" in told for told in self._story.told(CAROL)))

    async def _ready(self, attempt: int) -> None:
        await self._until(lambda: self._story.attempt() == attempt and self._story.standing() in OVER)
        if self._story.standing() is not Standing.READY:
            raise DidNotHappen(f"attempt {attempt} ended otherwise; the card says:\n{self._card()}")

    async def _diff(self) -> str:
        url = self._story.diff_url()
        if url is None:
            raise DidNotHappen("the card has no link to the diff")
        async with aiohttp.ClientSession() as session, session.get(url, params={"plain": ""}) as answer:
            answer.raise_for_status()
            return await answer.text()

    async def _click(self, user: str, action: str) -> None:
        card = self._story.card()
        if card is None:
            raise DidNotHappen("there is no card to click on")
        await self._slack.people.click(user, INCIDENTS, card.ts, action)

    def _card(self) -> str:
        card = self._story.card()
        return card_text(card) if card else ""

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for it; the step's own limit ends the wait."""
        await self._slack.until(condition, timeout_s=3600)


async def _run_check(folder: Path) -> int:
    process = await asyncio.create_subprocess_shell(
        CHECK, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


def _reason(miss: BaseException) -> str:
    return miss.sentence if isinstance(miss, PitcrewError) else str(miss) or "its time was up"
