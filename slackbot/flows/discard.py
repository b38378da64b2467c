"""Throwing an attempt away: its pull request closed, its branches deleted, its workspace gone. Safe to repeat."""

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import ForgeError, RepoError
from slackbot.core.task import Change, TaskId, TaskState, branch_name
from slackbot.flows.engine import durable, step
from slackbot.flows.house import house
from slackbot.store import tasks, work

log = structlog.get_logger()


@durable
async def discard(task_id: int, number: int) -> None:
    """Throw an attempt away, in the background."""
    await throw_away(TaskId(task_id), number)


@step
async def throw_away(task_id: TaskId, number: int) -> None:
    """Close and delete what the attempt made outside; what cannot be reached now is logged and left."""
    task = await house().db.read(tasks.get, task_id)
    repos = house().repos_of(task)
    changes = {change.repo: change for change in await house().db.read(work.changes_of, task_id, number)}
    for repo in repos:
        change = changes.get(repo.name)
        try:
            if change is not None:
                await withdraw(repo, change)
            await house().repos.drop(repo, task_id, number)
        except (ForgeError, RepoError) as error:
            log.error("not_discarded", task=task_id, attempt=number, repo=repo.name, reason=str(error))
    log.info("attempt_discarded", task=task_id, attempt=number)


async def withdraw(repo: RepoConfig, change: Change) -> None:
    """Close the pull request and delete its branch at the origin."""
    if change.pull_request is not None:
        await house().forge(repo).close(repo, change.pull_request)
    await house().repos.delete_branch(repo, change.branch)


@step
async def tidy_up(task_id: TaskId, number: int) -> None:
    """After the landing: the branch and the workspace have done their work."""
    task = await house().db.read(tasks.get, task_id)
    for repo in house().repos_of(task):
        try:
            await house().repos.delete_branch(repo, branch_name(task_id, number))
            await house().repos.drop(repo, task_id, number)
        except RepoError as error:
            log.error("not_tidied_up", task=task_id, attempt=number, repo=repo.name, reason=str(error))


async def discard_if_cancelled(task_id: TaskId, number: int) -> None:
    """A stopped attempt throws its own things away, now that its agent has ended."""
    if await is_cancelled(task_id):
        await throw_away(task_id, number)


@step
async def is_cancelled(task_id: TaskId) -> bool:
    return (await house().db.read(tasks.get, task_id)).state is TaskState.CANCELLED
