"""Mirrors, workspaces, commits, diffs, merges and pushes: the `Repos` port, with git."""

from slackbot.repos.repos import GitRepos

__all__ = ["GitRepos"]
