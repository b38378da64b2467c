"""What a click or a submitted modal means: who is it, may they, and if so ONE decision. Knows no Block Kit."""

import structlog
from pydantic import ValidationError

from slackbot.core import policy
from slackbot.core.errors import ChatError
from slackbot.core.person import Person
from slackbot.core.request import ButtonValue, ClickRequest, FeedbackRequest
from slackbot.core.say import Said, say
from slackbot.core.task import Lost, Moved, Task
from slackbot.flows import decide
from slackbot.flows.engine import step
from slackbot.flows.house import house
from slackbot.flows.telling import tell, tell_directly
from slackbot.store import tasks

log = structlog.get_logger()

NOT_OURS = "I do not know that card any more; mention me again to start anew."
CLOSED = "I could not look up whether you may do that ({reason}), so I did nothing. Please click again."
TOO_LATE_TO_ASK = "Slack closed the window before I could open it; please click Rework again."
NO_FEEDBACK = "Tell me what was wrong, so that the next attempt can do better; click Rework again."


async def clicked(click: ClickRequest) -> None:
    await answer_click(click)


async def fed_back(feedback: FeedbackRequest) -> None:
    await answer_feedback(feedback)


@step
async def answer_click(click: ClickRequest) -> None:
    """Decide, or tell why not; the card is refreshed either way. Safe to repeat: the decision's key is the click's."""
    seen, task = await _seen(click.value)
    if seen is None or task is None or task.thread.channel != click.thread.channel:
        await tell(click.by, click.thread, say(NOT_OURS))
        return
    refusal = await _why_not(task, click.action, click.by)
    if refusal is None:
        refusal = await _decide(task, seen, click)
    if refusal is not None:
        await tell(click.by, task.thread, refusal)
    house().show(task.id)


async def stop_by_words(task: Task, user: str, key: str) -> None:
    """`@bot stop` obeys the rule of the button."""
    refusal = await _why_not(task, "stop", user)
    if refusal is None:
        await decide.stop(task, user, key)
    else:
        await tell(user, task.thread, refusal)


async def _seen(value: str) -> tuple[ButtonValue | None, Task | None]:
    try:
        seen = ButtonValue.model_validate_json(value)
    except ValidationError:
        return None, None
    return seen, await house().db.read(tasks.find, seen.task)


async def _decide(task: Task, seen: ButtonValue, click: ClickRequest) -> Said | None:
    match click.action:
        case "approve":
            outcome = await house().db.write(decide.approve, house(), seen, click.by, click.key)
        case "rework":
            return await _ask_feedback(task, seen, click)
        case "retry":
            outcome = await house().db.write(decide.retry, house(), seen, click.by, click.key)
        case "repository":
            return await _choose(task, seen, click)
        case "stop":
            await decide.stop(task, click.by, click.key, seen)
            return None
        case _:
            return say(NOT_OURS)
    return _told(task, outcome, click.by)


def _told(task: Task, outcome: Moved | Lost | Said, by: str) -> Said | None:
    if isinstance(outcome, Lost):
        return decide.second(task, outcome, by)
    return outcome if isinstance(outcome, Said) else None


async def _ask_feedback(task: Task, seen: ButtonValue, click: ClickRequest) -> Said | None:
    """Open the modal, when there is still something to rework; its submission decides."""
    if task.state not in decide.DECIDABLE:
        return decide.second(task, await house().db.read(tasks.lost, task.id), click.by)
    if seen.attempt != task.attempt:
        return decide.stale(task)
    try:
        await house().chat.ask_feedback(click.trigger_id, seen, f"Rework {task.label}")
    except ChatError as error:
        log.warning("modal_not_opened", task=task.id, reason=error.reason)
        return say(TOO_LATE_TO_ASK)
    return None


async def _choose(task: Task, seen: ButtonValue, click: ClickRequest) -> Said | None:
    if seen.repo is None or house().repo(seen.repo) is None:
        return say(NOT_OURS)
    return _told(task, await house().db.write(decide.choose, house(), task, seen.repo, click.by, click.key), click.by)


@step
async def answer_feedback(feedback: FeedbackRequest) -> None:
    """The rework itself: asked again who it is, since the modal may have been open for long."""
    seen, task = await _seen(feedback.value)
    if seen is None or task is None:
        log.error("feedback_without_task", by=feedback.by)
        await tell_directly(feedback.by, say(NOT_OURS), feedback.key)
        return
    refusal = await _why_not(task, "rework", feedback.by)
    if refusal is None and not feedback.text.strip():
        refusal = say(NO_FEEDBACK)
    if refusal is None:
        outcome = await house().db.write(decide.rework, house(), seen, feedback.by, feedback.key, feedback.text.strip())
        refusal = _told(task, outcome, feedback.by)
    if refusal is not None:
        await tell(feedback.by, task.thread, refusal)
    house().show(task.id)


async def _why_not(task: Task, action: str, user: str) -> Said | None:
    """Roles are looked up now and closed when the look-up fails."""
    repos = house().repos_of(task)
    try:
        person: Person = await house().chat.person(user)
        members = {group: await house().chat.group_members(group) for group in policy.approver_groups(repos)}
    except ChatError as error:
        log.warning("look_up_failed", task=task.id, user=user, reason=str(error))
        return say(CLOSED, reason=error.reason)
    if action == "approve":
        return policy.why_not_approve(task, person, repos, members)
    if action in {"retry", "repository"}:
        return policy.why_not_start(person)
    return policy.why_not_rework(task, person, repos, members)
