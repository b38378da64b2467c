"""Slack out: draws cards, paces calls, posts once. Decides nothing about tasks."""

from slackbot.chat.pacing import rate
from slackbot.chat.slack import SlackChat

__all__ = ["SlackChat", "rate"]
