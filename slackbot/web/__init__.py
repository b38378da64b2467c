"""The garden's pages: health, tasks, diffs and prompts, for reading only. Knows core and store, never flows."""

from slackbot.web.app import web_app
from slackbot.web.serving import Served, serve

__all__ = ["Served", "serve", "web_app"]
