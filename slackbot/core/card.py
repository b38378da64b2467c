"""Everything a task's card says, as data; `slackbot.chat` draws it, `slackbot.flows.cards` fills it."""

from datetime import datetime

from slackbot.core.agent import PlanStep
from slackbot.core.model import Frozen
from slackbot.core.request import ButtonValue
from slackbot.core.task import Change, Check, Decision, Task, TaskState


class CardButton(Frozen):
    """`action` is the contract's button id: approve, rework, stop, retry, or repository for the picker."""

    action: str
    text: str
    value: ButtonValue
    style: str | None = None  # primary | danger


class ChangeLine(Frozen):
    """A change with the page that shows its diff (None: no address to link to)."""

    change: Change
    diff_url: str | None = None


class Card(Frozen):
    task: Task
    agent: str = ""  # how the agent is called on the card, with "no AI" or "unboxed" where that holds
    phase: str = ""  # what is being done now, in the bot's words: "running the check"
    step: str = ""  # what the agent does now, in its words (untrusted)
    plan: tuple[PlanStep, ...] = ()
    place_in_queue: int | None = None  # 1: next
    paused_by: str | None = None  # who paused the bot: nothing queued begins until it is resumed
    changes: tuple[ChangeLine, ...] = ()
    checks: tuple[Check, ...] = ()
    decisions: tuple[Decision, ...] = ()
    choices: tuple[str, ...] = ()  # the picker's repositories, while the task waits for that answer
    task_url: str | None = None
    now: datetime

    @property
    def head_sha(self) -> str | None:
        """What its buttons are bound to: the heads of this attempt's changes by repository, joined by "+"."""
        changes = sorted((line.change for line in self.changes), key=lambda change: change.repo)
        return "+".join(change.head_sha for change in changes if change.attempt == self.task.attempt) or None


def buttons(task: Task, head_sha: str | None, repos: tuple[str, ...] = ()) -> tuple[CardButton, ...]:
    """Which buttons a task's card carries in its state; `repos` are the picker's choices."""
    value = ButtonValue(task=task.id, attempt=task.attempt, head_sha=head_sha)
    stop = CardButton(action="stop", text="Stop", value=value)
    rework = CardButton(action="rework", text="Rework", value=value)
    match task.state:
        case TaskState.AWAITING_APPROVAL:
            return (CardButton(action="approve", text="Approve", value=value, style="primary"), rework, stop)
        case TaskState.BLOCKED:
            return (CardButton(action="approve", text="Try landing again", value=value), rework, stop)
        case TaskState.FAILED:
            return (CardButton(action="retry", text="Retry", value=value, style="primary"),)
        case TaskState.WAITING_FOR_INPUT:
            picks = (
                CardButton(action="repository", text=name, value=value.model_copy(update={"repo": name}))
                for name in repos
            )
            return (*picks, stop)
        case TaskState.QUEUED | TaskState.RUNNING:
            return (stop,)
        case _:
            return ()
