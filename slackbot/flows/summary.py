"""The daily summary: one post per local date, tried again while Slack is away, or why there is none on the record.

Owns when and whether; what it says is in `slackbot.flows.report`.
"""

import asyncio
from datetime import date, datetime, timedelta

import structlog

from slackbot.core.calendar import due_on, next_due
from slackbot.core.card import ChangeLine
from slackbot.core.config import SummaryConfig
from slackbot.core.errors import ChatError
from slackbot.core.say import Link
from slackbot.core.task import Change, MessageRef, Task, TaskId, TaskState
from slackbot.flows.engine import durable, step, wait
from slackbot.flows.house import house
from slackbot.flows.report import LISTED, LISTED_AT_WORK, Figures, report
from slackbot.store import summaries
from slackbot.store.database import Transaction

log = structlog.get_logger()
FIRST_PERIOD = timedelta(days=1)
LONGEST_PAUSE_S = 900.0
WAITING = frozenset({TaskState.AWAITING_APPROVAL, TaskState.BLOCKED, TaskState.WAITING_FOR_INPUT})
AT_WORK = frozenset({TaskState.QUEUED, TaskState.RUNNING, TaskState.LANDING})


@durable
async def summary(name: str, local_date: str) -> None:
    """Deal with one date of an entry: posted, skipped or failed."""
    structlog.contextvars.bind_contextvars(summary=name, date=local_date)
    until, tries = await period_end(), 0
    while not await _settled(name, local_date, until, tries):
        await wait(_pause_s(name, tries))
        tries += 1


async def _settled(name: str, local_date: str, until: str, tries: int) -> bool:
    try:
        return await settle(name, local_date, until, tries)
    except Exception:
        # Ours or the database's fault. The date is not given up before its grace period is over.
        log.exception("summary_broke", tries=tries)
        return False


def _pause_s(name: str, tries: int) -> float:
    """Twice as long after each try; none for an entry that left the configuration, since nothing is left to do."""
    entry = _entry(name)
    first_s = entry.retry_s if entry else 0.0
    return min(first_s * float(1 << min(tries, 10)), LONGEST_PAUSE_S)


def _entry(name: str) -> SummaryConfig | None:
    return next((entry for entry in house().config.summaries if entry.name == name), None)


@step
async def period_end() -> str:
    """Fixed at the first try: a post whose reply was lost is adopted later, and must not hide what came after it."""
    return house().clock().isoformat()


@step
async def settle(name: str, local_date: str, until: str, tries: int) -> bool:
    """Post, or record why not; False when Slack is away and the date has to be tried again.

    Safe to repeat: a post that an earlier try made is adopted.
    """
    entry = _entry(name)
    if entry is None or await house().db.read(summaries.is_recorded, name, local_date):
        return True
    if _is_over(entry, local_date, house().clock()):
        outcome = "failed" if tries else "skipped"
        await house().db.write(summaries.record, name, local_date, outcome, at=house().clock())
        log.warning(f"summary_{outcome}", tries=tries)
        return True
    try:
        await _post(entry, local_date, datetime.fromisoformat(until))
    except ChatError as error:
        return await _given_up(entry, local_date, error)
    return True


def _is_over(entry: SummaryConfig, local_date: str, now: datetime) -> bool:
    """Too late to post: outside the grace period, or the next one is due already."""
    due = due_on(entry, date.fromisoformat(local_date))
    return now - due > timedelta(seconds=entry.grace_s) or next_due(entry, due).at <= now


async def _post(entry: SummaryConfig, local_date: str, until: datetime) -> None:
    since = await house().db.read(summaries.reported_until, entry.name) or until - FIRST_PERIOD
    figures = await house().db.read(gather, since, until)
    sections = report(entry.name, local_date, figures, await _links(figures.shown), house().clock())
    key = f"summary:{entry.name}:{local_date}"
    sent = await house().chat.post_in_channel(entry.channel, sections, key)
    await house().db.write(
        summaries.record, entry.name, local_date, "posted", at=house().clock(), until=until, message_ts=sent.ts
    )
    log.info("summary_posted")


async def _given_up(entry: SummaryConfig, local_date: str, error: ChatError) -> bool:
    """An outage passes; a refusal (archived, not invited, no permission) needs a person, so it is told at once."""
    if error.retryable or error.unknown:
        log.warning("summary_not_posted_yet", reason=str(error))
        return False
    await house().db.write(summaries.record, entry.name, local_date, "failed", at=house().clock())
    log.error("summary_refused", channel=entry.channel, reason=error.reason, hint="invite the bot to that channel")
    return True


def gather(tx: Transaction, since: datetime, until: datetime) -> Figures:
    """The figures of the half-open period, and what is open now."""
    landed = summaries.landed(tx, since, until, LISTED)
    changes = summaries.landed_changes(tx, [task.id for task in landed.tasks])
    return Figures(
        landed=landed,
        changes={task: tuple(_line(change) for change in made) for task, made in changes.items()},
        answered=summaries.answered(tx, since, until),
        waiting=summaries.standing(tx, WAITING, LISTED),
        at_work=summaries.standing(tx, AT_WORK, LISTED_AT_WORK),
        failed=summaries.failed(tx, since, until, LISTED),
        slow=tuple(summaries.slow_checks(tx, since, until)),
        spent=summaries.spent(tx, since, until),
    )


def _line(change: Change) -> ChangeLine:
    return ChangeLine(change=change, diff_url=house().links.diff(change.task, change.attempt, change.repo))


async def _links(shown: list[Task]) -> dict[TaskId, Link | str]:
    found = await asyncio.gather(*(_link(task) for task in shown))
    return {task.id: link for task, link in zip(shown, found, strict=True)}


async def _link(task: Task) -> Link | str:
    """To the card; where that is gone to our own page, if there is one; else only the task's name."""
    url: str | None = None
    if task.card is not None:
        try:
            url = await house().chat.permalink(MessageRef(channel=task.card.channel, ts=task.card.ts))
        except ChatError as error:
            log.warning("no_permalink", task=task.id, reason=str(error))
    url = url or house().links.task(task)
    return Link(text=task.label, url=url) if url else task.label
