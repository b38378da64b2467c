"""Orders what was remembered the way a page tells it. Knows no markup and no SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.core.task import Attempt, Change, Task, TaskState
from slackbot.store.pages import CheckRun, History, TurnLine

# What needs a person comes first.
ORDER = (
    TaskState.AWAITING_APPROVAL,
    TaskState.BLOCKED,
    TaskState.WAITING_FOR_INPUT,
    TaskState.LANDING,
    TaskState.RUNNING,
    TaskState.QUEUED,
)


@dataclass(frozen=True)
class AttemptView:
    """`row` is None for an attempt that has not begun."""

    number: int
    row: Attempt | None
    changes: Sequence[Change]
    checks: Sequence[CheckRun]
    turns: Sequence[TurnLine]


def by_state(tasks: Sequence[Task]) -> list[tuple[TaskState, list[Task]]]:
    """The tasks of each state that has any; the order inside a state stays."""
    groups = ((state, [task for task in tasks if task.state is state]) for state in ORDER)
    return [(state, found) for state, found in groups if found]


def attempts_of(history: History) -> list[AttemptView]:
    """Every attempt, the newest first."""
    rows = {row.number: row for row in history.attempts}
    numbers = {*rows, *(run.check.attempt for run in history.checks), *(turn.attempt for turn in history.turns)}
    return [
        AttemptView(
            number=number,
            row=rows.get(number),
            changes=[change for change in history.changes if change.attempt == number],
            checks=[run for run in history.checks if run.check.attempt == number],
            turns=[turn for turn in history.turns if turn.attempt == number],
        )
        for number in sorted(numbers | {history.task.attempt}, reverse=True)
    ]
