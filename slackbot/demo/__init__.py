"""`slackbot demo`: a local Slack in the browser, a repository with a fault, and the bot between them."""

from slackbot.demo.performance import play

__all__ = ["play"]
