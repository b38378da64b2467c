"""Gathers what a prompt template needs. Knows the facts; the words are in slackbot/skills/prompts."""

import structlog

from slackbot.core.errors import ChatError
from slackbot.core.mrkdwn import plain_text
from slackbot.core.task import MessageRef, Task, ThreadMessage, Turn, TurnKind
from slackbot.flows.house import house
from slackbot.flows.workshop import repo_of
from slackbot.store import tasks, work
from slackbot.store.work import Heard

log = structlog.get_logger()
NO_CHECK = "true"


async def write(task: Task, kind: TurnKind, turn: str, files: tuple[str, ...]) -> str:
    """The exact prompt of a turn; the thread's new messages are handed to it, the same again when it is repeated."""
    heard = await house().db.write(work.give_messages, task.id, turn)
    match kind:
        case TurnKind.REQUEST:
            return await _request(task, await house().db.read(work.messages_of, task.id))
        case TurnKind.CHECK:
            return f"{await _request(task, [])}\n{await _check(task)}{await _steer(task, heard)}"
        case TurnKind.STEER:
            return f"{await _request(task, [])}{await _steer(task, heard)}"
        case TurnKind.CONFLICT:
            change = (await house().db.read(work.changes_of, task.id, task.attempt))[0]
            conflict = _prompt(
                "conflict", task, branch=change.base_branch, files=list(files), request=plain_text(task.text)
            )
            return f"{conflict}{await _steer(task, heard)}"


async def _steer(task: Task, heard: list[Heard]) -> str:
    """What people said since the last turn, whatever this turn is for."""
    return f"\n{_prompt('steer', task, messages=[await _message(said) for said in heard])}" if heard else ""


async def _request(task: Task, heard: list[Heard]) -> str:
    attempts = await house().db.read(work.attempts_of, task.id)
    feedback = [
        {"attempt": tried.number, "by": await _name(tried.feedback_by or ""), "text": tried.feedback}
        for tried in attempts
        if tried.feedback and tried.number < task.attempt
    ]
    return _prompt(
        "request",
        task,
        skills=house().skills.catalogue(),
        request=plain_text(task.text),
        author=await _name(task.requester),
        thread=await _thread(task),
        feedback=feedback,
        messages=[await _message(said) for said in heard],
        earlier_turns=[{"number": turn.number, "answer": turn.answer} for turn in await _turns(task)],
        earlier_task=await house().db.read(tasks.find, task.previous) if task.previous else None,
    )


async def _check(task: Task) -> str:
    checks = await house().db.read(work.latest_checks, task.id, task.attempt)
    run = next(run for run in checks if run.name == "check")
    return _prompt("check", task, exit_code=run.exit_code, output=run.output)


async def _thread(task: Task) -> list[ThreadMessage]:
    """What was said before the request; when the thread cannot be read, the work goes on without it."""
    if task.request_ts == task.thread.ts:
        return []
    try:
        return await house().chat.read_thread(task.thread, task.request_ts)
    except ChatError as error:
        log.warning("thread_not_read", task=task.id, reason=str(error))
        return []


async def _message(said: Heard) -> dict[str, object]:
    return {
        "ts": said.message.ts,
        "author": await _name(said.message.author_id),
        "text": plain_text(said.message.text),
        "bot": said.message.bot,
        "instruction": said.instruction,
    }


async def _name(user: str) -> str:
    """The name that Slack shows; the id where it cannot say."""
    try:
        return (await house().chat.person(user)).name
    except ChatError:
        return user


async def _turns(task: Task) -> list[Turn]:
    turns = await house().db.read(work.turns_of, task.id)
    return [turn for turn in turns if turn.attempt == task.attempt and turn.ended_at is not None]


def _prompt(template: str, of: Task, **facts: object) -> str:
    repo = repo_of(of)
    return house().skills.prompt(template, repo=repo.name, check=repo.check or NO_CHECK, **facts)


async def pull_request(task: Task) -> str:
    """The text of the pull request: what, why, how it was checked, where it was asked for."""
    link = None
    try:
        link = await house().chat.permalink(MessageRef(channel=task.thread.channel, ts=task.request_ts))
    except ChatError as error:
        log.warning("no_permalink", task=task.id, reason=str(error))
    return _prompt(
        "pull_request",
        task,
        task=task.label,
        attempt=task.attempt,
        request=plain_text(task.text),
        requester=await _name(task.requester),
        answer=await house().db.read(work.last_answer, task.id, task.attempt) or "",
        checks=await house().db.read(work.latest_checks, task.id, task.attempt),
        thread_url=link,
    )
