"""Slack's Web API over a workspace, one module per family of methods."""
