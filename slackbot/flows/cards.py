"""Closes the gap between what the database says of a task and what its card shows.

One function, `paint`, safe to repeat; the painter calls it for tasks that changed, and sweeps for what was missed.
"""

import asyncio
from datetime import timedelta
from weakref import WeakValueDictionary

import structlog

from slackbot.core.card import Card, ChangeLine
from slackbot.core.errors import CardGone, ChatError, StoreUnavailable, ThreadGone
from slackbot.core.say import say
from slackbot.core.task import TaskId, TaskState
from slackbot.flows.house import House, Progress
from slackbot.store import decisions, pauses, tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()
PROGRESS_EVERY_S = 1.5
SWEEP_EVERY_S = 15.0
# A first post this old without an answer is not under way any more: the process that made it is gone.
POST_ABANDONED = timedelta(seconds=60)
SHOWN_DECISIONS = 8


async def draw(house: House, task_id: TaskId) -> Card:
    """Everything that the card says now."""
    progress = house.progress.get(task_id, Progress())

    def query(tx: Transaction) -> Card:
        task = tasks.get(tx, task_id)
        running = task.state in {TaskState.RUNNING, TaskState.LANDING}
        queued = task.state is TaskState.QUEUED
        repo = house.repo(task.repos[0]) if task.repos else None
        return Card(
            task=task,
            agent=house.runner.describe(repo.agent) if repo else "",
            phase=progress.phase if running else "",
            step=progress.step if running else "",
            plan=progress.plan if running else (),
            paused_by=pauses.by_whom(tx) if queued else None,
            place_in_queue=tasks.place_in_queue(tx, task) if queued else None,
            choices=tuple(choices(house, task.thread.channel)) if not task.repos else (),
            changes=tuple(
                ChangeLine(change=change, diff_url=house.links.diff(task.id, task.attempt, change.repo))
                for change in work.changes_of(tx, task.id, task.attempt)
            ),
            checks=tuple(work.latest_checks(tx, task.id, task.attempt)),
            decisions=tuple(decisions.of_task(tx, task.id)[-SHOWN_DECISIONS:]),
            task_url=house.links.task(task),
            now=house.clock(),
        )

    return await house.db.read(query)


def choices(house: House, channel: str) -> list[str]:
    """What the repository picker offers: the channel's repositories, else all."""
    return list(house.config.channel_repos(channel)) or [repo.name for repo in house.config.repos]


class Painter:
    """Keeps every card true. `show` returns at once; the work is done in tasks of its own."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._work: set[asyncio.Task[None]] = set()
        self._posting: dict[TaskId, asyncio.Lock] = {}
        self._in_order: WeakValueDictionary[TaskId, asyncio.Lock] = WeakValueDictionary()
        self._progress_due: set[TaskId] = set()
        self._told_elsewhere: dict[TaskId, TaskState] = {}
        house.painter = self

    def show(self, task_id: TaskId, urgent: bool = True) -> None:
        """The task changed: state at once, progress gathered for a moment."""
        if urgent:
            self._spawn(self._paint_safely(task_id, urgent=True))
        elif task_id not in self._progress_due:
            self._progress_due.add(task_id)
            self._spawn(self._paint_later(task_id))

    async def _paint_later(self, task_id: TaskId) -> None:
        await asyncio.sleep(PROGRESS_EVERY_S)
        self._progress_due.discard(task_id)
        await self._paint_safely(task_id, urgent=False)

    async def _paint_safely(self, task_id: TaskId, *, urgent: bool) -> None:
        try:
            await self.paint(task_id, urgent=urgent)
        except (ChatError, StoreUnavailable) as error:
            log.warning("card_not_painted", task=task_id, reason=str(error))  # the sweep tries again
        except Exception:
            log.exception("card_not_painted", task=task_id)  # one odd card must not end the sweep of all others

    async def paint(self, task_id: TaskId, *, urgent: bool = True, own_post: bool = False) -> None:
        """Make the card show the task as it is. `own_post`: this caller may post it, nobody else is about to."""
        async with self._in_order.setdefault(task_id, asyncio.Lock()):
            card = await draw(self._house, task_id)
            edit = self._hand_over(card, urgent)
        if edit is None:
            await self._post(task_id, own_post=own_post)
            return
        try:
            await edit
        except CardGone:
            log.warning("card_gone", task=task_id)
            await self._house.db.write(tasks.forget_card, task_id)
            await self._post(task_id, own_post=True)
            return
        except ThreadGone as error:
            await self._tell_elsewhere(card, error)
        await self._house.db.write(tasks.set_painted, task_id, card.task.version)

    def _hand_over(self, card: Card, urgent: bool) -> asyncio.Task[None] | None:
        """Begin the edit while the card is still the newest; None when there is nothing to edit yet."""
        if card.task.card is None:
            return None
        return asyncio.create_task(self._house.chat.update_card(card.task.card, card, urgent=urgent))

    async def _post(self, task_id: TaskId, *, own_post: bool) -> None:
        house = self._house
        async with self._posting.setdefault(task_id, asyncio.Lock()):
            now = house.clock()
            turn = await house.db.write(tasks.begin_card, task_id, now, now - POST_ABANDONED, own_post)
            if turn is tasks.CardTurn.NOT_OURS:
                return
            card = await draw(house, task_id)
            look_first = turn is tasks.CardTurn.LOOK_FIRST
            key = f"card:{card.task.label}:{card.task.request_key}"
            try:
                ref = await house.chat.post_card(card.task.thread, card, key, look_first=look_first)
            except ThreadGone as error:
                await self._tell_elsewhere(card, error)
                await house.db.write(tasks.set_painted, task_id, card.task.version)
                return
            await house.db.write(tasks.set_card, task_id, ref.ts, 0 if look_first else card.task.version)
        self._posting.pop(task_id, None)
        log.info("card_posted", task=task_id)
        if await house.db.read(tasks.needs_paint, task_id):
            self.show(task_id)

    async def _tell_elsewhere(self, card: Card, error: ThreadGone) -> None:
        """The thread cannot be written: whoever asked is told directly, once per state."""
        if self._told_elsewhere.get(card.task.id) == card.task.state:
            return
        self._told_elsewhere[card.task.id] = card.task.state
        log.warning("thread_gone", task=card.task.id, reason=error.reason)
        said = say(
            "I can no longer write in the channel where you asked for {task} ({reason}). It is now: {state}. {note}",
            task=card.task.label,
            reason=error.reason,
            state=card.task.state.replace("_", " "),
            note=card.task.note,
        )
        key = f"elsewhere:{card.task.label}:{card.task.version}"
        try:
            await self._house.chat.post_in_channel(card.task.requester, [said], key)
        except ChatError as failure:
            log.error("nobody_told", task=card.task.id, reason=str(failure))

    async def sweep(self) -> None:
        """Paint every card that shows an older version than its task has."""
        for task_id in await self._house.db.read(tasks.to_paint):
            await self._paint_safely(task_id, urgent=True)

    async def run(self) -> None:
        """Sweep now and then, for ever: what a failed call or a crash left is closed here."""
        while True:
            try:
                await self.sweep()
            except StoreUnavailable as error:
                log.warning("sweep_postponed", reason=str(error))
            await asyncio.sleep(SWEEP_EVERY_S)

    def _spawn(self, coroutine) -> None:  # type: ignore[no-untyped-def]
        running = asyncio.get_running_loop().create_task(coroutine)
        self._work.add(running)
        running.add_done_callback(self._work.discard)
