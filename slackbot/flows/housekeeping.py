"""Deletes what is old, once a day, while tasks run. Knows the order and the batches; what is old is configured.

The calendar starts it under a key with the date, at the bot's start too when the day's was missed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import RepoError
from slackbot.core.task import TaskId
from slackbot.flows.engine import durable, step
from slackbot.flows.house import house
from slackbot.store import retention
from slackbot.store.database import Transaction

log = structlog.get_logger()

AT = timedelta(hours=3, minutes=30)  # of the day, UTC: one date has one
BATCH = 200
BUSY_TRIES = 3
BUSY_S = 20.0

Find = Callable[[Transaction, datetime, TaskId, int], list[TaskId]]
Forget = Callable[[Transaction, list[TaskId]], None]


def due_date(now: datetime) -> date:
    """The date of the newest housekeeping that is due."""
    return (now - AT).date()


@durable
async def housekeeping(day: str) -> None:
    """One day's housekeeping; a part that fails is tried again the next day."""
    gone = {}
    for part in (tidy_inbox, tidy_texts, tidy_diffs, tidy_flows, tidy_repos):
        gone[part.__name__] = await _safely(part)
    log.info("house_kept", day=day, **gone)


async def _safely(part: Callable[[], Awaitable[int]]) -> int:
    try:
        return await part()
    except Exception:
        log.exception("housekeeping_broke", part=getattr(part, "__name__", ""))
        return 0


@step
async def tidy_inbox() -> int:
    """Old requests go; how many."""
    before, gone = _days_ago(house().config.retention.inbox_days), 0
    while keys := await house().db.read(retention.old_requests, before, BATCH):
        await house().db.write(retention.delete_requests, keys)
        gone += len(keys)
    return gone


@step
async def tidy_texts() -> int:
    """Prompts, answers, outputs and messages of tasks that ended long ago go; of how many tasks."""
    return await _forget(retention.with_texts, retention.forget_texts, house().config.retention.prompts_days)


@step
async def tidy_diffs() -> int:
    """Diffs of tasks that ended long ago go; of how many tasks."""
    return await _forget(retention.with_diffs, retention.delete_diffs, house().config.retention.diffs_days)


async def _forget(find: Find, forget: Forget, days: int) -> int:
    before, last, gone = _days_ago(days), TaskId(0), 0
    while found := await house().db.read(find, before, last, BATCH):
        await house().db.write(forget, found)
        last, gone = found[-1], gone + len(found)
    return gone


@step
async def tidy_flows() -> int:
    """What the engine keeps of finished flows goes; how many flows."""
    before, gone = _days_ago(house().config.retention.flows_days), 0
    while forgotten := await house().engine.forget(before, BATCH):
        gone += forgotten
    return gone


@step
async def tidy_repos() -> int:
    """What attempts left behind on this host goes, and the mirrors' unreachable objects; how many attempts."""
    gone = 0
    for repo in house().config.repos:
        try:
            gone += await _drop_leftovers(repo)
            await _maintain(repo)
        except RepoError as error:
            log.warning("repo_not_tidied", repo=repo.name, reason=str(error))
    return gone


async def _drop_leftovers(repo: RepoConfig) -> int:
    before, gone = _days_ago(house().config.retention.workspaces_days), 0
    for task, number in await house().repos.attempts(repo):
        if await house().db.read(retention.is_over, task, number, before):
            await house().repos.drop(repo, task, number)
            log.info("leftovers_dropped", task=task, attempt=number, repo=repo.name)
            gone += 1
    return gone


async def _maintain(repo: RepoConfig) -> None:
    """A mirror whose workspaces are being laid out or taken is left alone for a moment."""
    before = _days_ago(house().config.retention.objects_days)
    for _ in range(BUSY_TRIES - 1):
        try:
            return await house().repos.maintain(repo, before)
        except RepoError as error:
            if not error.retryable:
                raise
            await asyncio.sleep(BUSY_S)
    return await house().repos.maintain(repo, before)


def _days_ago(days: int) -> datetime:
    return house().clock() - timedelta(days=days)
