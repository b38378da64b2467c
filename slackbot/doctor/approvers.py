"""Whether those who are to approve exist and may. Knows no task."""

from slackbot.chat.people import person_of
from slackbot.core.config import Config
from slackbot.core.person import Person
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, unchecked
from slackbot.doctor.line import Answer
from slackbot.doctor.slack import NO_LINE, REFUSED, refusal

REMOVE = "Correct or remove the id in the repository's approvers in slackbot.toml."
GRANT = "Paste `slackbot manifest` into your app's page, App Manifest, and install the app to the workspace again."


def uses(config: Config) -> dict[str, str]:
    """Every approver that the configuration names, and of which repositories."""
    found: dict[str, list[str]] = {}
    for repo in config.repos:
        for name in dict.fromkeys(repo.approvers):
            found.setdefault(name, []).append(repo.name)
    return {name: ", ".join(repos) for name, repos in found.items()}


async def approver(case: Case, name: str, repos: str) -> Verdict:
    if case.slack is None:
        return unchecked(NO_LINE)
    auth = await case.slack.auth()
    if auth.error:
        return unchecked(REFUSED)
    if name.startswith("S"):
        return group(await case.slack.ask("usergroups.users.list", usergroup=name), repos)
    answer = await case.slack.ask("users.info", user=name)
    if answer.error:
        return refused(answer, "user", repos)
    return person(person_of(name, answer.part("user"), str(auth.data.get("team_id") or "")), repos)


def group(answer: Answer, repos: str) -> Verdict:
    if answer.error:
        return refused(answer, "user group", repos)
    members = answer.data.get("users") or []
    if not members:
        return fault(
            f"the user group has no members, so nobody of it can approve {repos}", "Add members to it in Slack."
        )
    return ok(f"a user group of {len(members)}, for {repos}")


def person(found: Person, repos: str) -> Verdict:
    if found.full_member:
        return ok(f"{found.name}, for {repos}")
    why = (
        "is deactivated" if found.deactivated else "is a bot" if found.bot else "is a guest or of another organisation"
    )
    return fault(f"{found.name} {why} and cannot approve {repos}", REMOVE)


def refused(answer: Answer, kind: str, repos: str) -> Verdict:
    if answer.error == "missing_scope":
        return refusal(f"the look-up of the {kind} (approver of {repos})", answer, GRANT)
    if answer.error in ("user_not_found", "user_not_visible", "no_such_subteam", "subteam_not_found"):
        return fault(f"Slack knows no such {kind} (approver of {repos})", REMOVE)
    return refusal(f"the {kind} (approver of {repos})", answer, REMOVE)
