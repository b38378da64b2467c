"""What can be submitted: one file for each modal, named after its callback id."""

from typing import Any

from handlers.views import rework
from slackbot.core.request import FeedbackRequest


def read(body: dict[str, Any]) -> FeedbackRequest | None:
    """The submission, or None when it is not one of our modals."""
    view = body.get("view") or {}
    return rework.read(body, view) if view.get("callback_id") == rework.ID else None
