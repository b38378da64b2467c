"""People who do not give up: when Slack says that a click did not work, they look at the card and click again.

Only what Slack or the bot tells them makes them try again; a click that was acked and then forgotten fails the story.
"""

import json
from collections.abc import Callable

from slackbot.playground.model import Message
from slackbot.playground.people import NotAcked
from tests.stage import BOB, Stage, label_of, shown

PATIENCE_S = 60.0
CLICK_AGAIN = ("click Rework again", "Please click again")


def cards_in(stage: Stage, thread: str) -> list[Message]:
    return [card for card in stage.cards() if card.thread_ts == thread]


async def card_that_says(stage: Stage, thread: str, *texts: str) -> Message:
    """Wait until the thread's newest card says all of this."""

    def found() -> Message | None:
        cards = cards_in(stage, thread)
        return cards[-1] if cards and all(text in shown(cards[-1]) for text in texts) else None

    return await stage.slack.until(found, PATIENCE_S)


async def ready(stage: Stage, thread: str, attempt: int = 1) -> Message:
    """Wait until people are asked to decide on this attempt."""
    return await card_that_says(stage, thread, f"attempt {attempt}", "Ready for your decision")


async def click(stage: Stage, thread: str, action: str, by: str = BOB) -> None:
    """Click until Slack says that it was heard; a button that is gone by then was heard the time before."""
    for _ in range(5):
        try:
            await stage.slack.people.click(by, "C0INCIDENTS", cards_in(stage, thread)[-1].ts, action)
        except NotAcked:
            continue
        except LookupError:
            pass
        return
    raise AssertionError(f"{action} was never acked")


async def rework(stage: Stage, thread: str, feedback: str, by: str = BOB) -> None:
    """Send the attempt back: click Rework, again if the modal did not open in time, and submit it."""
    task = label_of(cards_in(stage, thread)[-1])
    view = None
    for _ in range(5):
        told = _told_again(stage)
        await click(stage, thread, "rework", by)
        view = await stage.slack.until(_opened_or_told(stage, task, told), PATIENCE_S)
        if view != "again":
            break
    await _submit(stage, view or "", feedback, by)


def _opened_or_told(stage: Stage, task: str, told: int) -> Callable[[], str | None]:
    """Look for the modal of this task (others may be open), or for being told to click again."""

    def look() -> str | None:
        for view in stage.slack.workspace.views.values():
            if f"T{json.loads(view.private_metadata)['task']}" == task:
                return view.id
        return "again" if _told_again(stage) > told else None

    return look


def _told_again(stage: Stage) -> int:
    ephemeral = stage.slack.workspace.messages.ephemeral
    return sum(any(text in shown(message) for text in CLICK_AGAIN) for message in ephemeral)


async def _submit(stage: Stage, view: str, feedback: str, by: str) -> None:
    for _ in range(5):
        try:
            await stage.slack.people.submit(by, view, {"feedback": {"text": feedback}})
        except NotAcked:
            continue
        except LookupError:
            pass
        return
    raise AssertionError("the modal was never acked")
