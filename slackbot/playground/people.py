"""Owns what people do in local Slack: write, edit, delete, click, submit; what the app gets is built elsewhere."""

import asyncio
from collections.abc import Callable, Sequence

from slackbot.playground.blocks import interactive_elements
from slackbot.playground.deliveries import Deliveries, Delivery
from slackbot.playground.markup import typed
from slackbot.playground.model import Draft, Message
from slackbot.playground.payloads import action_of, block_actions, input_state, view_submission
from slackbot.playground.triggers import Triggers
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace


class NotAcked(TimeoutError):
    """The app did not ack a click or a submission in time; Slack would tell the person that it did not work."""


class SubmissionRefused(Exception):
    """The app answered a submission with errors; the modal stays open. `errors`: sentence by block id."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class People:
    """Acts as anybody of the workspace. `ack_timeout_s`: how long a click or a submission waits for its ack."""

    def __init__(
        self, workspace: Workspace, deliveries: Deliveries, triggers: Triggers, response_url: Callable[[str], str]
    ) -> None:
        self._workspace = workspace
        self._deliveries = deliveries
        self._triggers = triggers
        self._response_url = response_url
        self.ack_timeout_s = 10.0

    async def say(
        self, user_id: str, channel_id: str, text: str, *, thread_ts: str | None = None, files: Sequence[str] = ()
    ) -> str:
        """Write a message as `user_id`; its ts. `files`: names. Does not wait for the app.

        `@name` and `@handle` become mentions and `& < >` are escaped, as Slack's client does it; control sequences
        that are written out, such as <@U1>, stay.
        """
        channel = self._workspace.channel(channel_id)
        if channel.archived or user_id not in channel.members:
            raise PermissionError(f"{user_id} cannot write in {channel_id}")
        attached = tuple(self._workspace.new_file(name, user_id) for name in files)
        draft = Draft(channel=channel_id, user=user_id, text=self._typed(text), thread_ts=thread_ts, files=attached)
        return self._workspace.post(draft).ts

    async def edit(self, user_id: str, channel_id: str, ts: str, text: str) -> None:
        """Edit one's own message."""
        self._own(user_id, channel_id, ts)
        self._workspace.edit(channel_id, ts, user_id, text=self._typed(text))

    async def delete(self, user_id: str, channel_id: str, ts: str) -> None:
        """Delete one's own message."""
        self._own(user_id, channel_id, ts)
        self._workspace.delete(channel_id, ts)

    async def click(self, user_id: str, channel_id: str, ts: str, action_id: str, value: str | None = None) -> None:
        """Click a button, or pick `value` in a select; returns when the app acked.

        `value` given for a button replaces its value, and the button need not be on the message any more: a card
        that was drawn before the app changed it. Raises LookupError (no such button), NotAcked.
        """
        message = self._clickable(user_id, channel_id, ts)
        block_id, element = _find(message, action_id, value)
        action_ts = self._workspace.ids.ts()
        action = action_of(element, block_id, action_ts, value)
        reply = self._triggers.new_reply(message, user_id)
        links = {"trigger_id": self._triggers.new(user_id), "response_url": self._response_url(reply)}
        payload = block_actions(self._workspace, message, user_id, action, links)
        key = f"click:{channel_id}:{ts}:{action_id}:{action_ts}"
        await self._acked(self._deliveries.dispatch(key, "interactive", payload, ts))

    async def submit(self, user_id: str, view_id: str, values: dict[str, dict[str, str]]) -> None:
        """Submit an open modal; `values` by block id and action id. Returns when the app acked and the modal closed.

        Raises LookupError (no such modal or input), SubmissionRefused (it stays open), NotAcked (it stays open).
        """
        view = self._workspace.views.get(view_id)
        if view is None or view.user != user_id:
            raise LookupError(f"{user_id} has no open modal {view_id!r}")
        state = input_state(view, values)
        payload = view_submission(self._workspace, view, state, self._triggers.new(user_id))
        answer = await self._acked(self._deliveries.dispatch(f"view:{view_id}", "interactive", payload, view_id))
        self._after_submission(view_id, user_id, answer)

    async def dismiss(self, user_id: str, view_id: str) -> None:
        """Close a modal without submitting it; the app is not told, as nothing of ours asks for view_closed."""
        if self._workspace.views[view_id].user == user_id:
            self._workspace.close_view(view_id)

    def _after_submission(self, view_id: str, user_id: str, answer: Json) -> None:
        match answer.get("response_action"):
            case "errors":
                raise SubmissionRefused(answer["errors"])
            case "update":
                self._workspace.show_view(user_id, answer["view"], view_id)
            case "push":
                self._workspace.show_view(user_id, answer["view"])
            case _:
                self._workspace.close_view(view_id)

    async def _acked(self, delivery: Delivery) -> Json:
        try:
            await asyncio.wait_for(delivery.acked.wait(), self.ack_timeout_s)
        except TimeoutError as error:
            delivery.withdrawn = True
            raise NotAcked(f"no ack of {delivery.key} within {self.ack_timeout_s:g} s") from error
        return delivery.answer

    def _typed(self, text: str) -> str:
        return typed(text, self._workspace.people.values(), self._workspace.groups.values())

    def _own(self, user_id: str, channel_id: str, ts: str) -> None:
        if self._workspace.messages.get(channel_id, ts).user != user_id:
            raise PermissionError(f"{user_id} did not write {ts}")

    def _clickable(self, user_id: str, channel_id: str, ts: str) -> Message:
        for message in self._workspace.messages.ephemeral:
            if (message.channel, message.ts, message.ephemeral_for) == (channel_id, ts, user_id):
                return message
        return self._workspace.messages.get(channel_id, ts)


def _find(message: Message, action_id: str, value: str | None) -> tuple[str, Json]:
    found = list(interactive_elements([*message.blocks, *message.attachments]))
    for block_id, element in found:
        if element["action_id"] == action_id and value in (None, element.get("value")):
            return block_id, element
    for block_id, element in found:
        if element["action_id"] == action_id:
            return block_id, element
    if value is None:
        raise LookupError(f"no {action_id!r} on the message; it has {[element['action_id'] for _, element in found]}")
    text = {"type": "plain_text", "text": action_id}
    return "stale", {"type": "button", "action_id": action_id, "text": text, "value": value}
