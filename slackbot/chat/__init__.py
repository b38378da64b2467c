"""Slack out: draws cards, paces calls, posts once. Decides nothing about tasks."""
