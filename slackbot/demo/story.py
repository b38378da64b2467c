"""Reads from local Slack where the story stands: the alert's thread, the card, the diff link. Changes nothing."""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

from slackbot.demo.scene import INCIDENTS, Scene
from slackbot.playground.blocks import interactive_elements
from slackbot.playground.model import Message
from slackbot.playground.render import message_text

REQUEST = "@pitcrew fix this page and update the reliability docs"
FEEDBACK = "30 s is too long for checkout: use 2 s and one retry"
_LINK = re.compile(r"<(http[^|>]+/diff/[^|>]+)\|")
_ATTEMPT = re.compile(r"attempt (\d+)")


class Standing(Enum):
    """Where the task stands, by the words at the top of its card."""

    ASKED = "(no card yet)"
    WAITING = "Waiting for a free place"
    WORKING = "Working on it"
    READY = "Ready for your decision"
    LANDING = "landing now"
    BLOCKED = "cannot land"
    LANDED = "Landed"
    ANSWERED = "Answered"
    FAILED = "Failed"
    STOPPED = "Stopped"


@dataclass(frozen=True)
class Story:
    scene: Scene

    def mention(self) -> Message | None:
        """The first message under the alert that names the bot."""
        mark = f"<@{self.scene.workspace.bot_user_id}>"
        return next((message for message in self._replies() if mark in message.text), None)

    def cards(self) -> list[Message]:
        """The cards under the alert: the bot's posts that carry a card's key. There should be one."""
        return [message for message in self._replies() if _key(message).startswith("card:")]

    def card(self) -> Message | None:
        """The card of the newest task."""
        return next(reversed(self.cards()), None)

    def standing(self) -> Standing | None:
        """None: nobody asked yet."""
        card = self.card()
        if card is None:
            return Standing.ASKED if self.mention() else None
        head = card_text(card).partition("\n")[0]
        return next((standing for standing in Standing if standing.value in head), Standing.ASKED)

    def attempt(self) -> int:
        """The card's attempt; 0 before there is a card."""
        card = self.card()
        found = _ATTEMPT.search(card_text(card)) if card else None
        return int(found.group(1)) if found else 0

    def diff_url(self) -> str | None:
        """Where the card's diff link leads."""
        card = self.card()
        texts = [str(block.get("text", {}).get("text", "")) for block in card.blocks] if card else []
        found = next((found for text in texts if (found := _LINK.search(text))), None)
        return unquote(found.group(1)).replace("&amp;", "&") if found else None

    def button(self, action_id: str) -> str | None:
        """The value of one of the card's buttons; None while it has none."""
        card = self.card()
        elements = (element for _, element in interactive_elements(list(card.blocks))) if card else ()
        return next((str(element.get("value")) for element in elements if element["action_id"] == action_id), None)

    def told(self, user: str) -> list[str]:
        """What the bot told this person alone, in #incidents."""
        found = self.scene.workspace.messages.ephemeral
        return [message_text(one) for one in found if one.ephemeral_for == user and one.channel == INCIDENTS]

    def _replies(self) -> list[Message]:
        return self.scene.workspace.messages.thread(INCIDENTS, self.scene.alert_ts)[1:]


def card_text(card: Message) -> str:
    """What a person reads on a card."""
    return message_text(card)


def _key(message: Message) -> str:
    metadata = message.metadata or {}
    return str((metadata.get("event_payload") or {}).get("key", ""))
