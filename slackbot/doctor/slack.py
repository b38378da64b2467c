"""The tokens, their scopes and Slack's clock. Knows no channel and no person."""

from collections.abc import Set
from datetime import datetime, timedelta

import yaml

from slackbot.bundled import bundled
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, unchecked, warning
from slackbot.doctor.line import NO_ANSWER, Answer, Line

SIGNATURES_LIVE = timedelta(seconds=300)
NOTICEABLE = timedelta(seconds=60)
NO_LINE = "there is no usable bot token or address of Slack"
REFUSED = "Slack does not take the bot token, or does not answer"
LATER = "Run `slackbot doctor` again in a minute."
NETWORK = "Look at the network, the proxy variables and SLACK_API_URL; status.slack.com says whether Slack is well."
SYNCHRONIZE = "Synchronize this machine's clock (such as with systemd-timesyncd or chrony)."


async def bot_token(case: Case) -> Verdict:
    if case.slack is None:
        return unchecked(NO_LINE)
    answer = await case.slack.auth()
    if answer.error:
        return refusal("SLACK_BOT_TOKEN", answer, "Copy it again from your app's page, OAuth & Permissions.")
    if not answer.data.get("bot_id"):
        step = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions into SLACK_BOT_TOKEN."
        return fault("SLACK_BOT_TOKEN belongs to a person, not to a bot", step)
    return ok(f"@{answer.data.get('user')} in the workspace {answer.data.get('team')}")


async def scopes(case: Case) -> Verdict:
    if case.slack is None:
        return unchecked(NO_LINE)
    answer = await case.slack.auth()
    return unchecked(REFUSED) if answer.error else compared(answer.scopes, wanted_scopes())


async def app_token(case: Case) -> Verdict:
    """Asks for an address to connect to, as the bot would, and does not connect."""
    token, api_url = case.survey.slack_app_token, case.survey.slack_api_url
    if token is None and case.survey.slack_signing_secret is not None:
        return ok("HTTP mode: a signing secret is set; only a request from Slack can show that it is the right one")
    if token is None or api_url is None:
        return unchecked("there is no usable app token or address of Slack")
    answer = await Line(case.session, api_url, token, case.clock).ask("apps.connections.open")
    if answer.error:
        step = "Make one with the scope connections:write on your app's page, Basic Information, App-Level Tokens."
        return refusal("SLACK_APP_TOKEN", answer, step)
    return ok("Socket Mode: Slack gives an address to connect to")


async def clock(case: Case) -> Verdict:
    if case.slack is None:
        return unchecked(NO_LINE)
    answer = await case.slack.auth()
    if answer.slack_at is None:
        return unchecked("Slack did not say what time it is")
    return drift(answer.received_at, answer.slack_at, signed=not case.socket_mode)


def wanted_scopes() -> frozenset[str]:
    """What the manifest asks for."""
    manifest = yaml.safe_load(bundled("manifest.yml").read_text(encoding="utf-8"))
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])


def compared(granted: Set[str] | None, wanted: Set[str]) -> Verdict:
    if granted is None:
        return warning("Slack did not say which scopes the token has", LATER)
    if missing := sorted(wanted - granted):
        step = (
            "Paste `slackbot manifest` into your app's page, App Manifest, and install the app to the workspace again."
        )
        return fault(f"the bot token lacks {', '.join(missing)}", step)
    more = sorted(granted - wanted)
    return ok(f"all {len(wanted)} of the manifest" + (f"; also granted: {', '.join(more)}" if more else ""))


def drift(ours: datetime, theirs: datetime, *, signed: bool) -> Verdict:
    """`signed`: HTTP mode, where a request that seems too old is refused."""
    apart = abs(ours - theirs)
    seconds, way = round(apart.total_seconds()), "ahead of" if ours > theirs else "behind"
    if apart > SIGNATURES_LIVE and signed:
        return fault(f"this machine's clock is {seconds} s {way} Slack's: every request would be refused", SYNCHRONIZE)
    if apart > NOTICEABLE:
        return warning(
            f"this machine's clock is {seconds} s {way} Slack's: summaries come at the wrong time", SYNCHRONIZE
        )
    return ok("this machine's clock is within a minute of Slack's")


def refusal(what: str, answer: Answer, step: str) -> Verdict:
    """What an answer that is an error means for the thing that was asked about."""
    if answer.error == NO_ANSWER:
        return fault(f"{what}: Slack gave no answer ({answer.reason})", NETWORK)
    if answer.error == "ratelimited":
        return warning(f"{what}: not checked, Slack is being asked too often", LATER)
    return fault(f"{what} is refused by Slack ({answer.error})", step)
