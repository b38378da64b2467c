"""Owns trigger ids and response URLs: who got one, for what, and until when."""

from datetime import datetime, timedelta

from slackbot.core.model import Frozen
from slackbot.playground.model import Message
from slackbot.playground.wire import SlackError
from slackbot.playground.workspace import Workspace

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5


class Trigger(Frozen):
    user: str
    expires_at: datetime
    used: bool = False


class Reply(Frozen):
    """What a response_url stands for: the message that was clicked and who clicked it."""

    message: Message
    user: str
    expires_at: datetime
    uses: int = 0


class Triggers:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, Trigger] = {}
        self._replies: dict[str, Reply] = {}

    def new(self, user: str) -> str:
        """A trigger id that lives 3 s by the workspace's clock and opens one modal."""
        name = self._workspace.ids.new("") + ".local." + user
        self._triggers[name] = Trigger(user=user, expires_at=self._workspace.clock() + TRIGGER_LIFE)
        return name

    def use(self, name: str) -> str:
        """Who it was given to. Raises `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`."""
        trigger = self._triggers.get(name)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._workspace.clock() >= trigger.expires_at:
            raise SlackError("expired_trigger_id")
        self._triggers[name] = trigger.model_copy(update={"used": True})
        return trigger.user

    def new_reply(self, message: Message, user: str) -> str:
        """The last part of a response_url: 30 minutes, 5 uses."""
        name = self._workspace.ids.new("R")
        expires_at = self._workspace.clock() + RESPONSE_LIFE
        self._replies[name] = Reply(message=message, user=user, expires_at=expires_at)
        return name

    def use_reply(self, name: str) -> Reply:
        """Raises `expired_url`, `used_url`."""
        reply = self._replies.get(name)
        if reply is None or self._workspace.clock() >= reply.expires_at:
            raise SlackError("expired_url")
        if reply.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        self._replies[name] = reply.model_copy(update={"uses": reply.uses + 1})
        return reply
