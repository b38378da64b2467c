"""The daily summary, one per local date: what landed, waits for a decision, runs, failed, and what it took."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import structlog

from slackbot.core.calendar import due_on
from slackbot.core.config import SummaryConfig
from slackbot.core.errors import ChatError
from slackbot.core.model import Frozen
from slackbot.core.say import Link, Said, say
from slackbot.core.task import Change, MessageRef, Task, TaskState
from slackbot.flows.engine import durable, step
from slackbot.flows.house import House, house
from slackbot.store import summaries, tasks
from slackbot.store.database import Transaction

log = structlog.get_logger()
LISTED = 10
REQUEST_CHARS = 80
FIRST_PERIOD = timedelta(days=1)
WAITING = frozenset({TaskState.AWAITING_APPROVAL, TaskState.BLOCKED, TaskState.WAITING_FOR_INPUT})
AT_WORK = frozenset({TaskState.QUEUED, TaskState.RUNNING, TaskState.LANDING})


class Figures(Frozen):
    """What a summary reports; tasks in the order in which they are listed."""

    landed: tuple[tuple[Task, tuple[Change, ...]], ...]
    answered: int
    waiting: tuple[Task, ...]
    at_work: tuple[Task, ...]
    failed: tuple[Task, ...]
    slow: tuple[summaries.SlowCheck, ...]
    spent: summaries.Spent


@durable
async def summary(name: str, local_date: str) -> None:
    """Post the summary of an entry for a date, or record that it was skipped."""
    await post_or_skip(name, local_date)


@step
async def post_or_skip(name: str, local_date: str) -> None:
    """Late inside the grace period it is still posted; after it, skipped on the record. Safe to repeat."""
    entry = next((entry for entry in house().config.summaries if entry.name == name), None)
    if entry is None or await house().db.read(summaries.is_dealt_with, name, local_date):
        return
    now, due = house().clock(), due_on(entry, date.fromisoformat(local_date))
    if now - due > timedelta(seconds=entry.grace_s):
        await house().db.write(summaries.keep, name, local_date, "skipped", now)
        log.warning("summary_skipped", name=name, date=local_date, late_s=int((now - due).total_seconds()))
        return
    since = await house().db.read(summaries.previous_at, name) or now - FIRST_PERIOD
    figures = await house().db.read(gather, since, now)
    try:
        sections = await _sections(house(), entry, local_date, figures, now)
        sent = await house().chat.post_in_channel(entry.channel, sections, f"summary:{name}:{local_date}")
    except ChatError as error:
        await house().db.write(summaries.keep, name, local_date, "failed", now)
        log.error("summary_not_posted", name=name, date=local_date, reason=str(error))
        return
    await house().db.write(summaries.keep, name, local_date, "posted", now, sent.ts)
    log.info("summary_posted", name=name, date=local_date)


def gather(tx: Transaction, since: datetime, now: datetime) -> Figures:
    """The figures of the half-open period, and what is open now."""
    ended = tasks.ended_between(tx, {TaskState.DONE, TaskState.FAILED}, since, now)
    done = [task for task in ended if task.state is TaskState.DONE]
    changes = summaries.landed_changes(tx, [task.id for task in done])
    return Figures(
        landed=tuple((task, tuple(changes[task.id])) for task in done if task.id in changes),
        answered=sum(task.id not in changes for task in done),
        waiting=tuple(tasks.in_states(tx, WAITING)),
        at_work=tuple(tasks.in_states(tx, AT_WORK)),
        failed=tuple(task for task in ended if task.state is TaskState.FAILED),
        slow=tuple(summaries.slow_checks(tx, since, now)),
        spent=summaries.spent(tx, since, now),
    )


async def _sections(house: House, entry: SummaryConfig, local_date: str, figures: Figures, now: datetime) -> list[Said]:
    return [
        say("*Pitcrew, {date}* ({name})", date=local_date, name=entry.name),
        *await _listed(house, "Landed", [task for task, _ in figures.landed], _landed_facts(figures)),
        *await _listed(house, "Waiting for a decision", figures.waiting, _ages(figures.waiting, now)),
        *await _listed(house, "At work", figures.at_work, _ages(figures.at_work, now)),
        *await _listed(house, "Failed", figures.failed, [task.note for task in figures.failed]),
        *(_slow(slow) for slow in figures.slow),
        _spent(figures),
    ]


async def _listed(house: House, title: str, found: Iterable[Task], facts: Iterable[str]) -> list[Said]:
    rows = list(zip(found, facts, strict=True))
    if not rows:
        return [say("*{title}*: none", title=title)]
    head = say("*{title}*: {count}", title=title, count=len(rows))
    more = [say("… and {count} more", count=len(rows) - LISTED)] if len(rows) > LISTED else []
    return [head, *[await _line(house, task, fact) for task, fact in rows[:LISTED]], *more]


async def _line(house: House, task: Task, fact: str) -> Said:
    link = await _link(house, task)
    request = " ".join(task.text.split())
    short = request if len(request) <= REQUEST_CHARS else request[: REQUEST_CHARS - 1] + "…"
    repos = ", ".join(task.repos) or "no repository yet"
    return say("• {task} · {repo} · {request} ({fact})", task=link, repo=repos, request=short, fact=fact)


async def _link(house: House, task: Task) -> Link | str:
    if task.card_ts is None:
        return task.label
    try:
        url = await house.chat.permalink(MessageRef(channel=task.thread.channel, ts=task.card_ts))
    except ChatError as error:
        log.warning("no_permalink", task=task.id, reason=str(error))
        return task.label
    return Link(text=task.label, url=url) if url else task.label


def _landed_facts(figures: Figures) -> list[str]:
    return [", ".join(_landed(change) for change in changes) for _, changes in figures.landed]


def _landed(change: Change) -> str:
    return f"{(change.landed_sha or '')[:10]}, +{change.stat.added} −{change.stat.removed}"


def _ages(found: Iterable[Task], now: datetime) -> list[str]:
    return [f"{task.state.replace('_', ' ')} for {age(now - task.state_at)}" for task in found]


def age(span: timedelta) -> str:
    """A span in the two largest units that say something: 3 d 4 h, 2 h 5 min, 40 s."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit, smaller, small_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {unit} {rest} {small_unit}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def _slow(slow: summaries.SlowCheck) -> Said:
    return say(
        "*Check over budget*: `{repo}`, {runs} of its runs, the slowest {slowest} s of {budget} s. "
        "Mention me with _make the check faster_.",
        repo=slow.repo,
        runs=slow.runs,
        slowest=round(slow.slowest_s),
        budget=round(slow.budget_s),
    )


def _spent(figures: Figures) -> Said:
    tokens = f", {figures.spent.tokens} tokens" if figures.spent.tokens else ""
    return say(
        "*Spent*: {turns} agent turns, {time} of agents' time{tokens}; {answered} answered without a change.",
        turns=figures.spent.turns,
        time=age(timedelta(seconds=figures.spent.agent_s)),
        tokens=tokens,
        answered=figures.answered,
    )
