"""What reaches us from Slack, as our own words: no payload dictionary passes beyond the handlers."""

from typing import Annotated, Literal

from pydantic import Field

from slackbot.core.model import Frozen
from slackbot.core.task import GivenId, SlackId, Thread


class MessageRequest(Frozen):
    """A message that names the bot, a direct message, or a reply in a thread that we know."""

    kind: Literal["message"] = "message"
    thread: Thread
    ts: GivenId
    edited_ts: GivenId | None = None
    author: SlackId
    author_is_bot: bool = False
    text: str  # Slack's mrkdwn as received
    names_bot: bool = False
    direct: bool = False  # a direct message
    in_thread: bool = False  # a reply: there are earlier messages to read
    files: tuple[str, ...] = ()  # names of attached files
    trusted: bool = True  # False: another organisation's user (Slack Connect)

    @property
    def key(self) -> str:
        edit = f":{self.edited_ts}" if self.edited_ts else ""
        return f"message:{self.thread.team}:{self.thread.channel}:{self.ts}{edit}"


class ClickRequest(Frozen):
    """A click on one of a card's buttons. `value` is what the button carried."""

    kind: Literal["click"] = "click"
    thread: Thread
    card_ts: GivenId
    action: str
    action_ts: Annotated[str, Field(max_length=120, pattern=r"^[!-~]*$")]
    value: str
    by: GivenId
    trigger_id: str = ""

    @property
    def key(self) -> str:
        return f"click:{self.thread.team}:{self.thread.channel}:{self.card_ts}:{self.action}:{self.action_ts}"


class FeedbackRequest(Frozen):
    """A submitted rework modal. `value` is the click's value, carried through private_metadata."""

    kind: Literal["feedback"] = "feedback"
    team: SlackId
    view_id: GivenId
    value: str
    text: str
    by: GivenId

    @property
    def key(self) -> str:
        return f"modal:{self.team}:{self.view_id}"


Request = Annotated[MessageRequest | ClickRequest | FeedbackRequest, Field(discriminator="kind")]


class ButtonValue(Frozen):
    """What a card's button carries: the decision is bound to what the person saw."""

    task: int
    attempt: int
    head_sha: str | None = None
    repo: str | None = None
