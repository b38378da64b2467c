"""Where pull requests live: one module per forge, each a `Forge`."""

from slackbot.forges.local import LocalForge

__all__ = ["LocalForge"]
