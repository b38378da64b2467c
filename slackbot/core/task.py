"""What a task is, the states it passes through, and what an attempt leaves behind.

Keep MOVES in step with the diagram in the README ("The life of a task").
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType

from pydantic import Field

from slackbot.core.model import Frozen

TaskId = NewType("TaskId", int)


class TaskState(StrEnum):
    """Where a task stands; each member says what people and the bot may expect."""

    QUEUED = "queued"  # waits for a free place among the running attempts
    RUNNING = "running"  # an attempt is at work
    WAITING_FOR_INPUT = "waiting_for_input"  # a person must answer (which repository?) before it goes on
    AWAITING_APPROVAL = "awaiting_approval"  # a pull request is open, a person decides
    LANDING = "landing"  # approved, on its way into the default branch
    BLOCKED = "blocked"  # approved, but it cannot land as it is: people decide
    DONE = "done"  # landed, or answered without a change
    FAILED = "failed"  # the attempt came to a bad end; retry starts the next
    CANCELLED = "cancelled"  # somebody stopped it


S = TaskState
ENDS = frozenset({S.DONE, S.FAILED, S.CANCELLED})
OPEN = frozenset(set(TaskState) - ENDS)

MOVES: dict[TaskState, frozenset[TaskState]] = {
    S.QUEUED: frozenset({S.RUNNING, S.FAILED, S.CANCELLED}),
    S.RUNNING: frozenset({S.AWAITING_APPROVAL, S.WAITING_FOR_INPUT, S.DONE, S.FAILED, S.CANCELLED}),
    S.WAITING_FOR_INPUT: frozenset({S.QUEUED, S.RUNNING, S.FAILED, S.CANCELLED}),
    S.AWAITING_APPROVAL: frozenset({S.LANDING, S.QUEUED, S.DONE, S.FAILED, S.CANCELLED}),
    S.LANDING: frozenset({S.DONE, S.BLOCKED, S.AWAITING_APPROVAL, S.QUEUED, S.FAILED, S.CANCELLED}),
    S.BLOCKED: frozenset({S.LANDING, S.AWAITING_APPROVAL, S.QUEUED, S.DONE, S.FAILED, S.CANCELLED}),
    S.DONE: frozenset(),
    S.FAILED: frozenset({S.QUEUED}),
    S.CANCELLED: frozenset(),
}


def label(task: TaskId) -> str:
    """How people call a task: T42."""
    return f"T{task}"


def branch_name(task: TaskId, attempt: int) -> str:
    """The branch of an attempt, the same in every repository: pitcrew/T42-2."""
    return f"pitcrew/T{task}-{attempt}"


# Slack's names for things: one printable word that every database's columns hold; "" where Slack tells none.
SlackId = Annotated[str, Field(max_length=40, pattern=r"^[!-~]*$")]
GivenId = Annotated[SlackId, Field(min_length=1)]


class Thread(Frozen):
    """A Slack thread; `ts` is that of its first message."""

    team: SlackId
    channel: GivenId
    ts: GivenId


class MessageRef(Frozen):
    """One Slack message that the bot can edit."""

    channel: str
    ts: str


class Task(Frozen):
    """What somebody asked for in a thread. `version` grows with every write that its card should show."""

    id: TaskId
    thread: Thread
    request_key: str
    request_ts: str
    requester: str
    text: str
    state: TaskState
    state_at: datetime
    created_at: datetime
    attempt: int
    repos: tuple[str, ...]
    steered_by: tuple[str, ...] = ()
    card_ts: str | None = None
    previous: TaskId | None = None
    note: str = ""  # why it stands where it stands: one sentence and a next step
    version: int = 1
    painted_version: int = 0

    @property
    def label(self) -> str:
        return label(self.id)

    @property
    def branch(self) -> str:
        return branch_name(self.id, self.attempt)

    @property
    def card(self) -> MessageRef | None:
        return MessageRef(channel=self.thread.channel, ts=self.card_ts) if self.card_ts else None


class Moved(Frozen):
    """The compare-and-swap went through."""

    task: Task


class Lost(Frozen):
    """Somebody or something else moved the task first: where it stands, who moved it there (None: the bot), when."""

    state: TaskState
    by: str | None
    at: datetime


class Attempt(Frozen):
    """One try from scratch. `feedback` is what a person said when it was thrown away."""

    task: TaskId
    number: int
    started_at: datetime
    ended_at: datetime | None = None
    feedback: str | None = None
    feedback_by: str | None = None


class DiffStat(Frozen):
    files: int
    added: int
    removed: int


class PullRequest(Frozen):
    """Where a forge shows a change. `id` is the forge's own name for it; `url` is None where nothing can be linked."""

    id: str
    url: str | None
    branch: str
    head_sha: str
    state: str = "open"  # open | closed | merged


class Change(Frozen):
    """What an attempt does to one repository."""

    task: TaskId
    attempt: int
    repo: str
    branch: str
    base_branch: str
    base_sha: str
    head_sha: str
    diff_hash: str
    stat: DiffStat
    pull_request: PullRequest | None = None
    landed_sha: str | None = None


class Check(Frozen):
    """One run of a repository's `setup` or `check`."""

    task: TaskId
    attempt: int
    name: str  # setup | check
    ok: bool
    exit_code: int | None  # None: it was ended by its time limit
    duration_s: float
    budget_s: float | None
    output: str  # the tail
    at: datetime

    @property
    def over_budget(self) -> bool:
        return self.budget_s is not None and self.duration_s > self.budget_s


class TurnKind(StrEnum):
    """Why the agent was prompted."""

    REQUEST = "request"  # the first turn of an attempt
    CHECK = "check"  # the repository's check failed
    STEER = "steer"  # a person said something more
    CONFLICT = "conflict"  # the default branch moved and does not merge cleanly


class Turn(Frozen):
    """One prompt to the agent, kept word for word, and what came of it."""

    task: TaskId
    attempt: int
    number: int
    kind: TurnKind
    agent: str
    prompt: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None  # completed | an error's class name
    answer: str = ""
    tokens: int | None = None


class DecisionKind(StrEnum):
    APPROVE = "approve"
    REWORK = "rework"
    STOP = "stop"
    RETRY = "retry"
    REPOSITORY = "repository"


class Decision(Frozen):
    """What a person decided, bound to what they saw."""

    key: str  # the inbox key of the click or modal: the same click never counts twice
    task: TaskId
    attempt: int
    kind: DecisionKind
    by: str
    at: datetime
    head_sha: str | None = None
    text: str = ""  # rework: the feedback; repository: the name


class ThreadMessage(Frozen):
    """A message of a thread as the agent reads it: untrusted text with its author. `bot`: an app wrote it."""

    ts: str
    author_id: str
    author: str
    text: str
    bot: bool = False
