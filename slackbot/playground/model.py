"""Owns what a workspace is made of, as frozen data; knows neither who changes it nor how it travels."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from slackbot.core.model import Frozen
from slackbot.playground.wire import Json

ChannelKind = Literal["channel", "private", "im"]


class Channel(Frozen):
    """`kind` im: a direct message between `im_user` and the bot."""

    id: str
    name: str
    kind: ChannelKind = "channel"
    archived: bool = False
    members: tuple[str, ...] = ()
    im_user: str | None = None


class Person(Frozen):
    """Somebody with a user id, the bot's user included. `team_id` differs for another organisation's people."""

    id: str
    name: str
    team_id: str
    real_name: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False

    @property
    def shown_name(self) -> str:
        return self.real_name or self.name


class Group(Frozen):
    id: str
    handle: str
    members: tuple[str, ...] = ()
    disabled: bool = False


class File(Frozen):
    id: str
    name: str
    mimetype: str
    by: str


class Reaction(Frozen):
    name: str
    by: tuple[str, ...]


class Message(Frozen):
    """One message. `user` is a user id; for another app's post it is None and `bot_id` and `username` say who.

    `thread_ts` None: not in a thread; a parent's is None too. `ephemeral_for`: only this person sees it.
    `pings`: who was notified by it, edits included. `edits`: how often it was changed.
    """

    channel: str
    ts: str
    user: str | None
    text: str
    thread_ts: str | None = None
    bot_id: str | None = None
    username: str | None = None
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[File, ...] = ()
    metadata: Json | None = None
    edited_ts: str | None = None
    edited_by: str | None = None
    edits: int = 0
    ephemeral_for: str | None = None
    tombstone: bool = False
    pings: frozenset[str] = frozenset()
    reactions: tuple[Reaction, ...] = ()

    @property
    def root_ts(self) -> str:
        """The ts of the thread that it starts or belongs to."""
        return self.thread_ts or self.ts


class Draft(Frozen):
    """A message on its way in, before Slack gave it a ts."""

    channel: str
    user: str | None
    text: str = ""
    thread_ts: str | None = None
    bot_id: str | None = None
    username: str | None = None
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[File, ...] = ()
    metadata: Json | None = None
    ephemeral_for: str | None = None
    link_names: bool = False


class View(Frozen):
    """An open modal, shown to `user`. `view` is what the app sent."""

    id: str
    hash: str
    user: str
    view: Json
    opened_at: datetime

    @property
    def callback_id(self) -> str:
        return str(self.view.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.view.get("private_metadata", ""))


class Change(Frozen):
    """Something a watcher may want to look at again. `wire`: a call, an ack or a connection, not the workspace."""

    kind: Literal["posted", "edited", "deleted", "view", "people", "wire"]
    message: Message | None = None
    previous: Message | None = None
    view: View | None = None
    facts: Json = Field(default_factory=dict)
