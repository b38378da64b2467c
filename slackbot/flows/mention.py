"""What a message means: a new task, an instruction or context for the one in its thread, or nothing."""

import re

import structlog

from slackbot.core import policy
from slackbot.core.config import REPO_NAME
from slackbot.core.errors import ChatError
from slackbot.core.request import MessageRequest
from slackbot.core.say import Said, say
from slackbot.core.task import ENDS, Lost, Moved, Task, TaskId, TaskState, ThreadMessage
from slackbot.flows import clicks, decide
from slackbot.flows.engine import step
from slackbot.flows.house import House, house
from slackbot.flows.pause import WORDS, pause_or_resume
from slackbot.flows.telling import reply, tell
from slackbot.store import tasks, work
from slackbot.store.database import Transaction

log = structlog.get_logger()

USAGE = (
    "Tell me what to do, for example: _fix this page and update the reliability docs_. Name a repository if this "
    "channel has several: {repos}."
)
FILES_ONLY = "I read words, not files: please say in a sentence what to do about {files}."
NOT_LOOKED_UP = "I could not look you up in Slack ({reason}), so I did not start. Please mention me again."
UNKNOWN_REPO = "I do not know the repository `{name}`. I work on: {repos}. Mention me again with one of these."
NO_REPOS = "No repository is configured for me yet; whoever runs me adds one under `[[repos]]` in slackbot.toml."
NEXT_TURN = "Got it: {task} takes this up as the agent's next turn."
WITH_THE_REQUEST = "Got it: {task} has not begun yet, its agent will read this with the request."
TOO_LATE = "{task} is being landed right now. Mention me again when it is done, I will start a new task from here."
SAY_MORE = "{task} is {state}. Say what to change, or use the buttons on its card."
CHOSEN = "{task} goes to `{repo}`."
PICK_FIRST = "{task} waits for a repository: pick one on its card, or name it here."

URL_OR_PREFIX = re.compile(r"https?://[\w.-]+/([\w.-]+/[\w.-]+?)(?:\.git)?(?=[/|>\s]|$)|\brepo[:=]([\w./-]+)")
MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


async def heard(message: MessageRequest) -> None:
    """Place a message; a new task's card is posted outside the thread's order, which is only about who is first."""
    async with house().in_order(message.thread):
        task_id = await place(message)
    if task_id:
        await first_card(task_id)


@step
async def place(message: MessageRequest) -> int:
    """Find out what a message is and keep it; the id of the task that needs a first card, else 0."""
    if (message.names_bot or message.direct) and words(message).lower() in WORDS and not message.author_is_bot:
        await reply(message, await pause_or_resume(message, words(message).lower()))
        return 0
    task = await house().db.read(tasks.latest_in, message.thread)
    if task is not None and task.request_key == message.key:
        return task.id  # an earlier try of this step made it
    if task is not None and task.state not in ENDS:
        await _join(task, message)
        return 0
    if task is not None and message.edited_ts and message.ts == task.request_ts:
        return 0  # a word of a finished request was corrected
    if not (message.names_bot or message.direct) or message.author_is_bot:
        return 0
    return await _begin(message)


@step
async def first_card(task_id: int) -> None:
    """Post the card of a new task; one that cannot be posted now is left to the painter's sweep."""
    painter = house().painter
    try:
        await painter.paint(TaskId(task_id), own_post=True)
    except ChatError as error:
        log.error("card_not_posted", task=task_id, reason=str(error))


def words(message: MessageRequest) -> str:
    """The text without the bot's name in front."""
    return MENTION.sub(lambda found: "" if found.start() == 0 else found.group(), message.text.strip(), 1).strip()


async def _begin(message: MessageRequest) -> int:
    refusal = await _why_not_begin(message)
    if refusal is not None:
        await reply(message, refusal)
        return 0
    repos = named_repos(house(), message.text) or house().config.channel_repos(message.thread.channel)
    return await house().db.write(_create, house(), message, repos if len(repos) == 1 else ())


async def _why_not_begin(message: MessageRequest) -> Said | None:
    known = ", ".join(f"`{repo.name}`" for repo in house().config.repos)
    if not known:
        return say(NO_REPOS)
    if words(message).lower() in {"", "help"}:
        if message.files:
            return say(FILES_ONLY, files=", ".join(message.files))
        return say(USAGE, repos=known)
    unknown = unknown_repo(house(), message.text)
    if unknown:
        return say(UNKNOWN_REPO, name=unknown, repos=known)
    return await _why_not_heard(message)


async def _why_not_heard(message: MessageRequest) -> Said | None:
    """Whether the author may give the bot work; closed when Slack cannot say who that is."""
    try:
        person = await house().chat.person(message.author)
    except ChatError as error:
        return say(NOT_LOOKED_UP, reason=error.reason)
    return policy.why_not_start(person)


def _create(tx: Transaction, house: House, message: MessageRequest, repos: tuple[str, ...]) -> int:
    task = tasks.create(
        tx,
        message.key,
        message.thread,
        request_ts=message.ts,
        requester=message.author,
        text=words(message),
        state=TaskState.QUEUED if repos else TaskState.WAITING_FOR_INPUT,
        repos=repos,
        at=house.clock(),
    )
    if repos:
        decide.enqueue_attempt(tx, house, task, "start")
    log.info("task_made", task=task.id, repos=repos)
    return task.id


def named_repos(house: House, text: str) -> tuple[str, ...]:
    """Configured repositories whose full name stands in the text as a word of its own."""
    words = [match.group() for match in REPO_NAME.finditer(text)]
    addresses = [match[1] or match[2] for match in URL_OR_PREFIX.finditer(text)]
    found = {_bare(name) for name in (*words, *addresses)}
    return tuple(repo.name for repo in house.config.repos if repo.name.lower() in found)


def unknown_repo(house: House, text: str) -> str | None:
    """A repository that the text names as `repo:NAME` and that is not configured."""
    known = {repo.name.lower() for repo in house.config.repos}
    named = (match[1].strip("._-/") for match in re.finditer(r"\brepo[:=]([\w./-]+)", text))
    return next((name for name in named if _bare(name) not in known), None)


def _bare(name: str) -> str:
    """A repository's name as it is compared: without the full stop of a sentence, or `.git`."""
    return name.lower().rstrip("._-/").removesuffix(".git")


async def _join(task: Task, message: MessageRequest) -> None:
    """A message in the thread of an open task."""
    if message.author_is_bot or not (message.names_bot or message.direct):
        await house().db.write(_keep, task, message, False)
        return
    refusal = await _why_not_heard(message)
    if refusal is not None:
        await tell(message.author, message.thread, refusal)
        return
    said = words(message)
    if said.lower() == "stop":
        await clicks.stop_by_words(task, message.author, message.key)
    elif not said:
        await tell(message.author, message.thread, say(SAY_MORE, task=task.label, state=task.state.replace("_", " ")))
    else:
        answer = await house().db.write(_steer, house(), task.id, message)
        await tell(message.author, message.thread, answer)
        house().show(task.id)


def _keep(tx: Transaction, task: Task, message: MessageRequest, instruction: bool) -> None:
    heard = ThreadMessage(
        ts=message.ts, author_id=message.author, author=message.author, text=message.text, bot=message.author_is_bot
    )
    work.add_message(tx, message.key, task.id, heard, instruction=instruction)


def _steer(tx: Transaction, house: House, task_id: TaskId, message: MessageRequest) -> Said:
    """Give an instruction to the task, whatever its state is at this very moment."""
    task = tasks.get(tx, task_id, lock=True)  # it must not leave its state before the instruction is there
    if task.state is TaskState.WAITING_FOR_INPUT:
        _keep(tx, task, message, True)
        tasks.add_steerer(tx, task.id, message.author)
        repos = named_repos(house, message.text)
        if len(repos) != 1:
            return say(PICK_FIRST, task=task.label)
        chosen = decide.choose(tx, house, task, repos[0], message.author, message.key)
        if isinstance(chosen, Lost):
            return decide.second(task, chosen, message.author)
        return say(CHOSEN, task=task.label, repo=repos[0])
    if task.state is TaskState.LANDING or task.state in ENDS:
        return say(TOO_LATE, task=task.label)
    _keep(tx, task, message, True)
    tasks.add_steerer(tx, task.id, message.author)
    if task.state is TaskState.QUEUED and task.attempt == 1:
        return say(WITH_THE_REQUEST, task=task.label)
    if task.state in {TaskState.AWAITING_APPROVAL, TaskState.BLOCKED}:
        moved = tasks.move(tx, task.id, {task.state}, TaskState.QUEUED, at=house.clock(), by=message.author)
        if not isinstance(moved, Moved):
            return say(TOO_LATE, task=task.label)
        decide.enqueue_attempt(tx, house, moved.task, "steer", message.key)
    return say(NEXT_TURN, task=task.label)
