"""A local Slack: the wire protocol as the tests' Slack and the demo's; the browser page stands on top of it."""
