"""Owns what a Web API method may reach: the workspace, triggers, addresses; no method of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from slackbot.playground.model import Message
from slackbot.playground.triggers import Triggers
from slackbot.playground.workspace import Workspace


@dataclass(frozen=True)
class Site:
    """`base_url` and `new_socket_url` are asked at the call: the port is known only once the server listens."""

    workspace: Workspace
    triggers: Triggers
    base_url: Callable[[], str]
    new_socket_url: Callable[[], str]

    @property
    def bot(self) -> str:
        return self.workspace.bot_user_id

    def permalink(self, message: Message) -> str:
        link = f"{self.base_url()}/archives/{message.channel}/p{message.ts.replace('.', '')}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.thread_ts else link
