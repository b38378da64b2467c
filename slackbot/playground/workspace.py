"""Owns a workspace's state and tells watchers of every change; refuses to know the wire and who may do what."""

from collections.abc import Callable, Iterable, Sequence

from slackbot.playground.ids import Ids
from slackbot.playground.markup import linked, live_texts, pinged
from slackbot.playground.messages import Messages
from slackbot.playground.model import Change, Channel, ChannelKind, Draft, File, Group, Message, Person, View
from slackbot.playground.render import readable
from slackbot.playground.wire import Clock, Json, SlackError, now

Watcher = Callable[[Change], None]


class Workspace:
    """A team with its channels, people, groups, messages and open modals. Plain Python: use it from one thread."""

    def __init__(
        self,
        *,
        clock: Clock = now,
        team_id: str = "T0PITCREW",
        name: str = "pitcrew",
        bot_user_id: str = "U0PITCREW",
        bot_name: str = "pitcrew",
    ) -> None:
        self.clock = clock
        self.team_id, self.name = team_id, name
        self.bot_user_id, self.bot_id, self.app_id = bot_user_id, "B0PITCREW", "A0PITCREW"
        self.ids = Ids(clock)
        self.messages = Messages(self.ids)
        self.channels: dict[str, Channel] = {}
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.views: dict[str, View] = {}
        self._watchers: list[Watcher] = []
        self.add_person(bot_user_id, bot_name, is_bot=True)

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` after every change, at once and in order; the answer ends the subscription."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def announce(self, change: Change) -> None:
        for watcher in list(self._watchers):
            watcher(change)

    def add_channel(
        self, id: str, name: str, members: Iterable[str] = (), archived: bool = False, kind: ChannelKind = "channel"
    ) -> Channel:
        """Add or replace a channel. The bot is a member only when `members` names it."""
        everybody = tuple(members)
        im_user = next((user for user in everybody if user != self.bot_user_id), None) if kind == "im" else None
        fields = {"id": id, "name": name, "members": everybody, "archived": archived}
        return self._put_channel(Channel.model_validate({**fields, "kind": kind, "im_user": im_user}))

    def add_person(self, id: str, name: str, **flags: object) -> Person:
        """Add or replace a person. Flags: real_name, team_id, is_bot, is_restricted, is_ultra_restricted, deleted."""
        person = Person.model_validate({"id": id, "name": name, "team_id": self.team_id, **flags})
        self.people[id] = person
        self.announce(Change(kind="people"))
        return person

    def add_group(self, id: str, handle: str, members: Iterable[str]) -> Group:
        """Add or replace a user group."""
        self.groups[id] = Group(id=id, handle=handle, members=tuple(members))
        self.announce(Change(kind="people"))
        return self.groups[id]

    def archive(self, channel_id: str, archived: bool = True) -> None:
        self._put_channel(self.channels[channel_id].model_copy(update={"archived": archived}))

    def set_members(self, channel_id: str, members: Iterable[str]) -> None:
        self._put_channel(self.channels[channel_id].model_copy(update={"members": tuple(members)}))

    def direct_channel(self, user_id: str) -> Channel:
        """The direct message channel between a person and the bot, opened when there is none."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.im_user == user_id:
                return channel
        members = (user_id, self.bot_user_id)
        channel_id = "D" + user_id.removeprefix("U")
        return self._put_channel(Channel(id=channel_id, name="", kind="im", members=members, im_user=user_id))

    def post_as_bot(
        self, name: str, channel: str, text: str, attachments: Sequence[Json] = (), blocks: Sequence[Json] = ()
    ) -> str:
        """Post as another app, such as an alert bot; its ts."""
        bot_id = "B0" + "".join(letter for letter in name.upper() if letter.isalnum())
        draft = Draft(channel=channel, user=None, bot_id=bot_id, username=name, text=text)
        return self.post(draft.model_copy(update={"attachments": tuple(attachments), "blocks": tuple(blocks)})).ts

    def post(self, draft: Draft) -> Message:
        """Put a message where it belongs. Raises `thread_not_found`."""
        if draft.link_names:
            draft = draft.model_copy(update={"text": self.linked(draft.text)})
        message = self.messages.add(draft, frozenset() if draft.ephemeral_for else self._pings(draft))
        self.announce(Change(kind="posted", message=message))
        return message

    def edit(self, channel: str, ts: str, by: str | None, **content: object) -> Message:
        """Change text, blocks, attachments or metadata of a message; what is not named stays."""
        previous = self.messages.get(channel, ts)
        pings = previous.pings | self._pings(previous.model_copy(update=content))
        message = self.messages.change(previous, by, pings, content)
        self.announce(Change(kind="edited", message=message, previous=previous))
        return message

    def delete(self, channel: str, ts: str) -> None:
        previous = self.messages.get(channel, ts)
        self.messages.remove(previous)
        self.announce(Change(kind="deleted", previous=previous))

    def react(self, channel: str, ts: str, name: str, by: str) -> None:
        message = self.messages.react(self.messages.get(channel, ts), name, by)
        self.announce(Change(kind="wire", message=message))

    def new_file(self, name: str, by: str) -> File:
        kind = "image/png" if name.lower().endswith((".png", ".jpg", ".gif")) else "text/plain"
        return File(id=self.ids.new("F"), name=name, mimetype=kind, by=by)

    def show_view(self, user: str, view: Json, view_id: str | None = None) -> View:
        """Open a modal for a person, or put another in its place (`view_id`)."""
        shown = View(id=view_id or self.ids.new("V"), hash=self.ids.ts(), user=user, view=view, opened_at=self.clock())
        self.views[shown.id] = shown
        self.announce(Change(kind="view", view=shown))
        return shown

    def close_view(self, view_id: str) -> None:
        self.announce(Change(kind="view", view=self.views.pop(view_id)))

    def linked(self, text: str) -> str:
        return linked(text, self.people.values(), self.groups.values())

    def channel(self, channel_id: str) -> Channel:
        """Raises `channel_not_found`."""
        if channel_id not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[channel_id]

    def name_of(self, message: Message) -> str:
        person = self.people.get(message.user or "")
        return message.username or (person.shown_name if person else message.user or message.bot_id or "somebody")

    def transcript(self, channel_id: str | None = None, ts: str | None = None) -> str:
        """Readable text: one thread, one channel or everything, ephemeral messages and open modals included."""
        return readable(self, channel_id, ts)

    def _put_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        self.announce(Change(kind="people"))
        return channel

    def _pings(self, message: Draft | Message) -> frozenset[str]:
        texts = live_texts(message.text, message.blocks, message.attachments)
        channel = self.channel(message.channel)
        return frozenset(pinged(texts, channel, self.people, self.groups) - {message.user})
