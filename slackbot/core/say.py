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


class Said(Frozen):
    """`template` is our text in Slack's mrkdwn with `{name}` places; `facts` fill them."""

    template: str
    facts: dict[str, str | int | Mention | Link] = {}


def say(template: str, **facts: str | int | Mention | Link) -> Said:
    """Build a sentence; the template must be a literal of ours, never somebody's text."""
    return Said(template=template, facts=facts)
