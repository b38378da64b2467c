"""Sentences for people: a template of ours with facts of others, so that what is dynamic is always escaped.

A chat adapter renders `Said`; only `Mention` and `Link` become markup, every other fact is plain text.
"""

from slackbot.core.model import Frozen


class Mention(Frozen):
    """A person, by Slack id."""

    user: str


class Link(Frozen):
    text: str
    url: str


class Words(Frozen):
    """Somebody's words as Slack sent them: shown as a reader sees them, on one line of at most `limit` characters."""

    text: str
    limit: int


Fact = str | int | Mention | Link | Words


class Said(Frozen):
    """`template` is our text in Slack's mrkdwn with `{name}` places; `facts` fill them."""

    template: str
    facts: dict[str, Fact] = {}


def say(template: str, **facts: Fact) -> Said:
    """Build a sentence; the template must be a literal of ours, never somebody's text."""
    return Said(template=template, facts=facts)
