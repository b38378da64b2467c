"""What can be clicked: one file for each button, named after its id."""

from typing import Any

from handlers.actions import approve, repository, retry, rework, stop
from handlers.actions.click import read_click
from slackbot.core.request import ClickRequest

IDS = frozenset({approve.ID, rework.ID, stop.ID, retry.ID, repository.ID})


def read(body: dict[str, Any]) -> ClickRequest | None:
    """The click, or None when it is not on one of our buttons (a link, for instance)."""
    clicked = next((action for action in body.get("actions") or () if action.get("action_id") in IDS), None)
    return read_click(body, clicked) if clicked else None
