"""Who may do what, and what may land: pure questions over data. None is yes, a sentence is the reason for no."""

from slackbot.core.config import RepoConfig
from slackbot.core.person import Person
from slackbot.core.say import Mention, Said, say
from slackbot.core.task import Task


def why_not_start(person: Person) -> Said | None:
    """Guests, strangers and bots give no orders: an agent's run is code that somebody chose."""
    if person.full_member:
        return None
    return say(
        "Sorry {who}, only full members of this workspace can give me work. Ask one of them to mention me here.",
        who=Mention(user=person.id),
    )


def groups_of(names: tuple[str, ...]) -> frozenset[str]:
    """The user groups among the names, whose members must be looked up."""
    return frozenset(name for name in names if name.startswith("S"))


def why_not_pause(person: Person, admins: tuple[str, ...], members: dict[str, frozenset[str]]) -> Said | None:
    """Pausing and resuming is for the admins of `[bot]`, nobody else."""
    if person.full_member and (
        person.id in admins or any(person.id in members.get(group, frozenset()) for group in admins)
    ):
        return None
    return say(
        "Only the admins of `[bot]` in slackbot.toml may pause and resume me: {names}.",
        names=", ".join(admins) or "none yet",
    )


def approver_groups(repos: list[RepoConfig]) -> frozenset[str]:
    """The user groups whose members must be looked up before `why_not_approve` can answer."""
    return frozenset(name for repo in repos for name in repo.approvers if name.startswith("S"))


def why_not_approve(
    task: Task, person: Person, repos: list[RepoConfig], members: dict[str, frozenset[str]]
) -> Said | None:
    """An approver of every repository; not who asked or steered, unless the repository says so in writing."""
    if not person.full_member:
        return say("Only full members of this workspace can approve; ask one of them to click.")
    for repo in repos:
        if repo.approvers and not _listed(person.id, repo, members):
            return say(
                "You are not among the approvers of `{repo}`. Ask one of them to click: {names}.",
                repo=repo.name,
                names=", ".join(repo.approvers),
            )
        if not repo.self_approve and person.id in {task.requester, *task.steered_by}:
            return say(
                "You asked for {task} or steered it, so another person approves it (`{repo}` has no `self_approve`).",
                task=task.label,
                repo=repo.name,
            )
    return None


def why_not_rework(
    task: Task, person: Person, repos: list[RepoConfig], members: dict[str, frozenset[str]]
) -> Said | None:
    """Rework and stop: who asked, who steered, and whoever may approve."""
    if not person.full_member:
        return say("Only full members of this workspace can decide on {task}; ask one of them.", task=task.label)
    if person.id in {task.requester, *task.steered_by}:
        return None
    for repo in repos:
        if repo.approvers and not _listed(person.id, repo, members):
            return say(
                "{task} can be reworked or stopped by who asked for it, who steered it, or an approver of `{repo}`.",
                task=task.label,
                repo=repo.name,
            )
    return None


def _listed(user: str, repo: RepoConfig, members: dict[str, frozenset[str]]) -> bool:
    return user in repo.approvers or any(user in members.get(group, frozenset()) for group in repo.approvers)
