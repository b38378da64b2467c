"""What people do while Slack fails under the bot: they try again when it says so, and only then."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from slackbot.core.task import Task, TaskState
from slackbot.playground.model import Message
from slackbot.playground.waiting import NeverHappened
from slackbot.playground.workspace import Workspace
from slackbot.store.database import Transaction
from slackbot.store.rows import as_task
from slackbot.store.tables import tasks as rows
from tests.chaos.people import click, rework
from tests.faults.inhouse import InHouse
from tests.stage import ALICE, BOB, INCIDENTS, Stage, shown

ASK_AGAIN = "Please mention me again"


@dataclass
class Story:
    """A task from an alert to its landing, told by people who try again only when the bot says so."""

    home: InHouse
    thread: str = ""
    channel: str = INCIDENTS

    @property
    def stage(self) -> Stage:
        return self.home.stage

    async def ask(self, *lines: str) -> None:
        """Mention the bot until there is a task."""
        asked = 0
        before = len(await self.tasks())
        while len(await self.tasks()) == before:
            told = self._times_told(ASK_AGAIN)
            assert asked < 4, self.stage.slack.transcript(self.channel, self.thread)
            await self.stage.mention(
                "\n".join(("in acme/guarded please", *lines)), thread=self.thread, channel=self.channel
            )
            asked += 1
            async with asyncio.timeout(20):
                while len(await self.tasks()) == before and self._times_told(ASK_AGAIN) == told:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)  # the database sets no Event of ours

    def _times_told(self, text: str) -> int:
        return sum(text in shown(message) for message in self.stage.slack.thread(self.channel, self.thread))

    async def tasks(self) -> list[Task]:
        return await self.home.house.db.read(_tasks_in, self.thread)

    async def reaches(self, state: TaskState) -> Task:
        """Wait until the thread's newest task is in this state, whatever Slack shows."""
        async with asyncio.timeout(30):
            while not (found := await self.tasks()) or found[-1].state is not state:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return found[-1]

    def cards(self) -> list[Message]:
        return [card for card in self.stage.cards(self.channel) if card.thread_ts == self.thread]

    def _card_that_says(self, text: str) -> Message | None:
        cards = self.cards()
        return cards[-1] if cards and text in shown(cards[-1]) else None

    async def said(self, text: str) -> Message:
        """Wait until the newest card says this, sweeping as the bot does."""
        async with asyncio.timeout(30):
            while True:
                try:
                    return await self.stage.slack.until(lambda: self._card_that_says(text), 1)
                except NeverHappened:
                    await self.home.sweep()

    async def answered(self) -> None:
        """Wait until the newest task's answer is somewhere to be read; what the card says of it is not enough."""
        task = (await self.tasks())[-1]
        key = f"answer:{task.label}:{task.attempt}"
        await self.stage.slack.until(lambda: keys_of(self.stage.slack.workspace)[key], 30)

    async def approve(self) -> None:
        """Bob clicks, again when the bot asks for it, until it is landed."""
        for _ in range(4):
            if self._card_that_says("[Approve]"):
                await self.stage.click(BOB, self.cards()[-1], "approve")
            try:
                await self.stage.slack.until(lambda: self._card_that_says("Landed"), 3)
            except NeverHappened:
                await self.home.sweep()
            else:
                return
        await self.said("Landed")


def _tasks_in(tx: Transaction, thread: str) -> list[Task]:
    return [
        as_task(row)
        for row in tx.connection.execute(select(rows).where(rows.c.thread_ts == thread).order_by(rows.c.id))
    ]


async def landed(home: InHouse) -> Story:
    """Alert, mention, a click of one who may not, rework, approval, and a question at the end."""
    stage = home.stage
    alert = stage.slack.workspace.post_as_bot("Pager", INCIDENTS, "Checkout hangs")
    story = Story(home, alert)
    await story.ask(f"write one-{alert}.txt 1")
    await story.said("Ready for your decision")
    await click(stage, alert, "approve", by=ALICE)
    await rework(stage, alert, f"write two-{alert}.txt 2")
    await story.said("attempt 2")
    await story.said("Ready for your decision")
    await story.approve()
    assert stage.landed(f"two-{alert}.txt", "acme/guarded") == "2"
    await story.ask(f"text Nothing to do for {alert}.")
    await story.said("Answered")
    await story.answered()
    return story


def keys_of(workspace: Workspace) -> Counter[str]:
    """How many visible messages carry each key of ours."""
    keys: Counter[str] = Counter()
    for channel in workspace.channels:
        for message in workspace.messages.in_channel(channel):
            key = ((message.metadata or {}).get("event_payload") or {}).get("key")
            if key and not message.tombstone:
                keys[str(key)] += 1
    return keys
