"""What the browser may ask for, checked. `by` is the person that the page acts as; does nothing itself."""

from slackbot.core.model import Frozen


class Say(Frozen):
    by: str
    channel: str
    text: str
    thread_ts: str | None = None


class Click(Frozen):
    """`value`: that of the button as it was drawn, or of the option that was picked."""

    by: str
    channel: str
    ts: str
    action_id: str
    value: str | None = None


class Submit(Frozen):
    """`values` by block id and action id."""

    by: str
    view: str
    values: dict[str, dict[str, str]]


class Dismiss(Frozen):
    by: str
    view: str


class React(Frozen):
    by: str
    channel: str
    ts: str
    name: str
