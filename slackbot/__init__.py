"""Pitcrew: a chat-ops bot that turns a Slack mention into a landed change."""

__version__ = "0.1.0"
