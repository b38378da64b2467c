"""The stage before the curtain rises: who is there, which channels, and the alert. Knows no bot process."""

from dataclasses import dataclass

from slackbot.playground.model import Draft
from slackbot.playground.wire import Json
from slackbot.playground.workspace import Workspace

ALICE, BOB, CAROL, GUEST = "U0ALICE", "U0BOB", "U0CAROL", "U0GUEST"
INCIDENTS, TEAM, RANDOM = "C0INCIDENTS", "C0TEAM", "C0RANDOM"
TITLES = {ALICE: "on call", BOB: "colleague", CAROL: "wrote payments", GUEST: ""}

ALERT_TEXT = ":rotating_light: *payments*: checkout is hanging"
ALERT: Json = {
    "color": "#d4364b",
    "title": "p99 latency of charge() is 61 s (threshold 2 s)",
    "text": "Requests to the payment gateway do not come back. All 48 checkout workers wait for one.",
    "fields": [
        {"title": "Service", "value": "payments", "short": True},
        {"title": "Severity", "value": "critical", "short": True},
        {"title": "Hanging call", "value": "`charge()` → `urlopen()`", "short": True},
        {"title": "Since", "value": "6 minutes", "short": True},
        {"title": "Runbook", "value": "<https://runbooks.example/payments|payments: the gateway does not answer>"},
    ],
    "footer": "Pager · acme/payments · on call: alice",
}


@dataclass(frozen=True)
class Scene:
    """`alert_ts`: the message in #incidents under which the story happens."""

    workspace: Workspace
    alert_ts: str


def set_the_scene() -> Scene:
    """Alice is on call, Bob and Carol are colleagues, a guest looks on; an alert bot has just posted a page."""
    workspace = Workspace(name="Acme")
    workspace.add_person(ALICE, "alice", real_name="Alice Moreau")
    workspace.add_person(BOB, "bob", real_name="Bob Tanaka")
    workspace.add_person(CAROL, "carol", real_name="Carol Weiss")
    workspace.add_person(GUEST, "gil", real_name="Gil Ferro", is_restricted=True)
    members = (ALICE, BOB, CAROL, workspace.bot_user_id)
    workspace.add_channel(INCIDENTS, "incidents", (*members, GUEST))
    workspace.add_channel(TEAM, "team", members)
    workspace.add_channel(RANDOM, "random", (*members, GUEST))
    _say(workspace, INCIDENTS, BOB, "checkout 4.12 is out, all graphs look calm :rocket:")
    _say(workspace, INCIDENTS, ALICE, "Thanks! I am on call until six.")
    _say(workspace, RANDOM, BOB, "There is cake in the kitchen :cake:")
    _say(workspace, TEAM, BOB, "pitcrew posts its daily summary here: what landed, what waits for us, what it cost.")
    alert_ts = workspace.post_as_bot("Pager", INCIDENTS, ALERT_TEXT, attachments=[ALERT])
    return Scene(workspace, alert_ts)


def _say(workspace: Workspace, channel: str, user: str, text: str) -> None:
    workspace.post(Draft(channel=channel, user=user, text=text))
