"""Answers users.*, usergroups.* and auth.test; knows nothing of HTTP."""

from slackbot.playground.shapes import group_json, person_json
from slackbot.playground.web_api.arguments import Arguments
from slackbot.playground.web_api.site import Site
from slackbot.playground.wire import Json, SlackError


def auth_test(site: Site, _arguments: Arguments) -> Json:
    workspace = site.workspace
    who = {"user": workspace.people[site.bot].name, "user_id": site.bot, "bot_id": workspace.bot_id}
    return {"url": f"{site.base_url()}/", "team": workspace.name, "team_id": workspace.team_id, **who}


def user_info(site: Site, arguments: Arguments) -> Json:
    person = site.workspace.people.get(arguments.text("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": person_json(person)}


def list_group_users(site: Site, arguments: Arguments) -> Json:
    group = site.workspace.groups.get(arguments.text("usergroup"))
    if group is None or (group.disabled and not arguments.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def list_groups(site: Site, arguments: Arguments) -> Json:
    users = arguments.flag("include_users")
    disabled = arguments.flag("include_disabled")
    groups = (group for group in site.workspace.groups.values() if disabled or not group.disabled)
    return {"usergroups": [group_json(site.workspace, group, users=users) for group in groups]}
