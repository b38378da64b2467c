"""Owns the messages of a workspace: posting, editing, deleting, threads; knows neither people nor wire."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator

from slackbot.playground.blocks import with_ids
from slackbot.playground.ids import Ids
from slackbot.playground.model import Draft, Message, Reaction
from slackbot.playground.wire import Json, SlackError


class Messages:
    """Every message by channel and ts, threads as lists of ts. Ephemeral messages are kept beside them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._all: dict[tuple[str, str], Message] = {}
        self._order: dict[str, list[str]] = defaultdict(list)
        self._replies: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.ephemeral: list[Message] = []

    def add(self, draft: Draft, pings: frozenset[str]) -> Message:
        """Keep a new message. Raises `thread_not_found` when its parent is not there."""
        root = self._root_of(draft)
        fields = {name: getattr(draft, name) for name in Draft.model_fields if name != "link_names"}
        fields |= {"thread_ts": root, "blocks": with_ids(draft.blocks, self._block_id)}
        message = Message(**fields, ts=self._ids.ts(), pings=pings)
        if message.ephemeral_for:
            self.ephemeral.append(message)
            return message
        self._all[message.channel, message.ts] = message
        insort(self._order[message.channel], message.ts)
        if root:
            self._replies[message.channel, root].append(message.ts)
        return message

    def get(self, channel: str, ts: str) -> Message:
        """Raises `message_not_found`."""
        found = self._all.get((channel, ts))
        if found is None or found.tombstone:
            raise SlackError("message_not_found")
        return found

    def change(self, message: Message, by: str | None, pings: frozenset[str], content: Json) -> Message:
        """Replace the parts of a message that `content` names; what it does not name stays."""
        if "blocks" in content:
            content = content | {"blocks": with_ids(content["blocks"], self._block_id)}
        marks = {"edited_ts": self._ids.ts(), "edited_by": by, "edits": message.edits + 1, "pings": pings}
        return self.keep(message.model_copy(update=content | marks))

    def keep(self, message: Message) -> Message:
        self._all[message.channel, message.ts] = message
        return message

    def remove(self, message: Message) -> None:
        """Delete a message; a parent with replies leaves a tombstone, as in Slack."""
        key = (message.channel, message.ts)
        if self._replies.get(key):
            self.keep(Message(channel=message.channel, ts=message.ts, user="USLACKBOT", text="", tombstone=True))
            return
        del self._all[key]
        self._order[message.channel].remove(message.ts)
        if message.thread_ts:
            self._replies[message.channel, message.thread_ts].remove(message.ts)

    def react(self, message: Message, name: str, by: str) -> Message:
        """Raises `already_reacted`."""
        others = [reaction for reaction in message.reactions if reaction.name != name]
        mine = next((reaction for reaction in message.reactions if reaction.name == name), None)
        if mine and by in mine.by:
            raise SlackError("already_reacted")
        reaction = Reaction(name=name, by=(*(mine.by if mine else ()), by))
        return self.keep(message.model_copy(update={"reactions": (*others, reaction)}))

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The parent and its replies, oldest first; for a reply's ts that reply alone. Empty: nothing there."""
        first = self._all.get((channel, ts))
        if first is None:
            return []
        return [first, *(self._all[channel, reply] for reply in self._replies.get((channel, ts), ()))]

    def root(self, message: Message) -> Message:
        """The parent of its thread, itself when it is none's reply."""
        return self._all[message.channel, message.root_ts]

    def top_level(self, channel: str) -> list[Message]:
        """The channel's messages outside threads and its threads' parents, oldest first."""
        return [message for message in self.in_channel(channel) if message.thread_ts is None]

    def in_channel(self, channel: str) -> Iterator[Message]:
        return (self._all[channel, ts] for ts in self._order.get(channel, ()))

    def _root_of(self, draft: Draft) -> str | None:
        if not draft.thread_ts:
            return None
        parent = self._all.get((draft.channel, draft.thread_ts))
        if parent is None:
            raise SlackError("thread_not_found")
        return parent.root_ts

    def _block_id(self) -> str:
        return self._ids.new("b")
