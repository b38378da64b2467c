"""What a demo may tell the person at the page: the next step and texts to use. Knows no story itself."""

from slackbot.core.model import Frozen


class OpenAt(Frozen):
    """A place that the page opens: a channel, and a thread of it."""

    channel: str
    thread_ts: str | None = None


class Suggestion(Frozen):
    """A text that is offered: written into the composer of `at`, or, where that is None, in an open modal."""

    text: str
    at: OpenAt | None = None


class Guide(Frozen):
    """One step. `text` is mrkdwn. `act_as`: the page offers to become this person. `done`: the last step."""

    step: int
    of: int
    title: str
    text: str
    act_as: str | None = None
    suggestion: Suggestion | None = None
    done: bool = False
