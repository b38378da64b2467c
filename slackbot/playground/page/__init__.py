"""The browser page of local Slack: what one person sees, drawn and clickable; stands on the protocol part."""

from slackbot.playground.page.guide import Guide, OpenAt, Suggestion
from slackbot.playground.page.server import Page

__all__ = ["Guide", "OpenAt", "Page", "Suggestion"]
