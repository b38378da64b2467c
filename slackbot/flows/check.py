"""The repository's own commands: `setup` and `check`, run where the agent runs, timed, their last words kept."""

import structlog

from slackbot.core.agent import CommandResult
from slackbot.core.task import Check, Task, TaskId
from slackbot.flows.engine import step
from slackbot.flows.house import house
from slackbot.flows.workshop import at_work, phase, repo_of, unless_stopped
from slackbot.store import work

log = structlog.get_logger()


@step
async def check(task_id: TaskId, number: int) -> bool:
    """Run the check; whether it passed."""
    return (await run_check(await at_work(task_id, number))).ok


async def run_check(task: Task) -> CommandResult:
    """Run the check in the attempt's workspace and keep its time. A repository without one passes at once."""
    repo = repo_of(task)
    if repo.check is None:
        return CommandResult(exit_code=0, duration_s=0, output="")
    phase(task.id, "running the check")
    return await _run(task, "check", repo.check, repo.check_budget_s)


async def setup(task: Task) -> CommandResult | None:
    """Run the repository's setup, if it has one."""
    repo = repo_of(task)
    if repo.setup is None:
        return None
    phase(task.id, "running setup")
    return await _run(task, "setup", repo.setup, None)


async def _run(task: Task, name: str, command: str, budget_s: float | None) -> CommandResult:
    repo = repo_of(task)
    running = house().sandbox.run(
        repo.agent,
        command,
        house().repos.workspace(repo, task.id, task.attempt),
        house().repos.home(task.id, task.attempt),
        repo.check_timeout_s,
    )
    result = await unless_stopped(task.id, task.attempt, running)
    kept = Check(
        task=task.id, attempt=task.attempt, name=name, ok=result.ok, exit_code=result.exit_code,
        duration_s=result.duration_s, budget_s=budget_s, output=result.output, at=house().clock(),
    )  # fmt: skip
    await house().db.write(work.keep_check, kept, repo.name)
    log.info("command_ended", name=name, ok=result.ok, duration_s=round(result.duration_s, 1))
    house().show(task.id, urgent=False)
    return result
