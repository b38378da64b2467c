"""The rework modal's submission: the click's value, carried through `private_metadata`, and what was wrong."""

from typing import Any

from slackbot.core.request import FeedbackRequest

ID = "rework"
BLOCK, ACTION = "feedback", "text"


def read(body: dict[str, Any], view: dict[str, Any]) -> FeedbackRequest:
    """The feedback as submitted; its text may be empty."""
    values = (view.get("state") or {}).get("values") or {}
    field = (values.get(BLOCK) or {}).get(ACTION) or {}
    user = body.get("user") or {}
    return FeedbackRequest(
        team=(body.get("team") or {}).get("id") or user.get("team_id") or "",
        view_id=view.get("id") or "",
        value=view.get("private_metadata") or "",
        text=field.get("value") or "",
        by=user.get("id") or "",
    )
