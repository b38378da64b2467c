"""Answers views.* and agents.sessions.setStatus; knows nothing of HTTP."""

from slackbot.playground.limits import check_view
from slackbot.playground.shapes import view_json
from slackbot.playground.web_api.arguments import Arguments
from slackbot.playground.web_api.site import Site
from slackbot.playground.wire import Json, SlackError

SESSION_STATUSES = ("active", "processing", "suspended", "closed")


def open_view(site: Site, arguments: Arguments) -> Json:
    """Slack looks at the view first: a faulty one leaves the trigger unused."""
    view = _checked(arguments)
    user = site.triggers.use(arguments.required("trigger_id", "invalid_trigger_id"))
    return {"view": view_json(site.workspace, site.workspace.show_view(user, view))}


def update_view(site: Site, arguments: Arguments) -> Json:
    view = _checked(arguments)
    shown = site.workspace.views.get(arguments.text("view_id"))
    if shown is None:
        raise SlackError("not_found")
    if arguments.has("hash") and arguments.text("hash") != shown.hash:
        raise SlackError("hash_conflict")
    return {"view": view_json(site.workspace, site.workspace.show_view(shown.user, view, shown.id))}


def set_session_status(_site: Site, arguments: Arguments) -> Json:
    """Accepted and recorded with the calls; nothing here draws it."""
    status = arguments.text("status")
    if status not in SESSION_STATUSES:
        raise SlackError("invalid_arguments", f"must be one of: {', '.join(SESSION_STATUSES)} [json-pointer:/status]")
    return {"status": status, "agent_status": status, "title": arguments.text("title")}


def _checked(arguments: Arguments) -> Json:
    view = arguments.json("view", "invalid_arguments")
    check_view(view)
    return view if isinstance(view, dict) else {}
