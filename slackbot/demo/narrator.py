"""Tells on the terminal what happens in local Slack, as it happens: messages in full, a card's changes in short."""

import re

from rich.console import Console
from rich.emoji import Emoji
from rich.text import Text

from slackbot.demo.story import card_text
from slackbot.playground.markup import unescaped
from slackbot.playground.model import Change, Message
from slackbot.playground.render import message_text
from slackbot.playground.workspace import Workspace

MARGIN = 30
LABELLED = re.compile(r"<[^<>|\n]+\|([^<>\n]+)>")
BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")
SHORT_LINES = ("*Now:*", "↳", "▸", "±", "✓ check", "✗ check", "✓ setup", "✗ setup")


class Narrator:
    """Prints to `console` from `follow` on."""

    def __init__(self, console: Console, workspace: Workspace) -> None:
        self._console, self._workspace = console, workspace
        self._said: dict[str, list[str]] = {}

    def follow(self) -> None:
        self._workspace.subscribe(self._notice)

    def tell(self, message: Message) -> None:
        """Print a message in full."""
        who = self._workspace.name_of(message)
        only = f" to {self._name(message.ephemeral_for)} alone" if message.ephemeral_for else ""
        self._print(who + only, self._readable(message_text(message)).splitlines())

    def tell_words(self, user: str, where: str, words: str) -> None:
        """Print what a person wrote elsewhere than in a message."""
        self._print(f"{self._name(user)} ({where})", [words])

    def _notice(self, change: Change) -> None:
        if change.message is None or change.kind not in ("posted", "edited"):
            return
        if change.kind == "posted":
            self.tell(change.message)
            self._said[change.message.ts] = self._in_short(change.message)
            return
        lines = self._in_short(change.message)
        news = [line for line in lines if line not in self._said.get(change.message.ts, [])]
        self._said[change.message.ts] = lines
        if news:
            self._print(f"{self._workspace.name_of(change.message)} (card)", news)

    def _in_short(self, message: Message) -> list[str]:
        """The head of a card and what is being done; the rest stays as it was."""
        head, *rest = card_text(message).splitlines() or [""]
        return [self._readable(line) for line in (head, *(line for line in rest if line.startswith(SHORT_LINES)))]

    def _print(self, who: str, lines: list[str]) -> None:
        for place, line in enumerate(lines or [""]):
            left = Text((who if place == 0 else "").ljust(MARGIN) + " ", style="bold")
            self._console.print(left + Text(line), soft_wrap=True)

    def _readable(self, text: str) -> str:
        for user, person in self._workspace.people.items():
            text = text.replace(f"<@{user}>", f"@{person.name}")
        return Emoji.replace(unescaped(BOLD.sub(r"\1", LABELLED.sub(r"\1", text))))

    def _name(self, user: str) -> str:
        return self._workspace.people[user].shown_name
