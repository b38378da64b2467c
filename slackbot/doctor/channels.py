"""Whether the bot is in the channels of the configuration. Posts nothing there."""

from collections.abc import Mapping
from typing import Any

from slackbot.core.config import Config
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Verdict, fault, ok, unchecked, warning
from slackbot.doctor.line import Answer
from slackbot.doctor.slack import NO_LINE, REFUSED, refusal

SEEN = "To have that checked too, grant channels:read and groups:read to the app; the bot itself needs neither."
UNARCHIVE = "Unarchive it, or name another channel in slackbot.toml."
INVITE = "Invite the bot there (/invite), or name another channel in slackbot.toml."
KNOWN = "Copy the id from the channel's details in Slack; into a private channel the bot must be invited first."


def uses(config: Config) -> dict[str, str]:
    """Every channel that the configuration names, and what for."""
    found: dict[str, list[str]] = {}
    for channel in config.channels:
        found.setdefault(channel.id, []).append("mentions")
    for summary in config.summaries:
        found.setdefault(summary.channel, []).append(f"the summary {summary.name}")
    return {channel: " and ".join(purposes) for channel, purposes in found.items()}


async def channel(case: Case, channel: str, purpose: str) -> Verdict:
    if case.slack is None:
        return unchecked(NO_LINE)
    if (await case.slack.auth()).error:
        return unchecked(REFUSED)
    answer = await case.slack.ask("conversations.info", channel=channel)
    if answer.error == "missing_scope":
        return by_history(await case.slack.ask("conversations.history", channel=channel, limit="1"), purpose)
    return refused(answer, purpose) if answer.error else by_details(answer.part("channel"), purpose)


def by_details(found: Mapping[str, Any], purpose: str) -> Verdict:
    """A direct message has neither a name nor members that join."""
    shown = f"#{found['name']}" if found.get("name") else "it"
    if found.get("is_archived"):
        return fault(f"{shown} (for {purpose}) is archived", UNARCHIVE)
    if not found.get("is_member", found.get("is_im", False)):
        return fault(f"the bot is not a member of {shown} (for {purpose})", INVITE)
    return ok(f"the bot is a member of {shown}, for {purpose}")


def by_history(answer: Answer, purpose: str) -> Verdict:
    """With the manifest's own scopes: who may read a channel is in it, an archived one reads the same."""
    if answer.error == "missing_scope":
        return unchecked("the token has no scope that would show it")
    if answer.error:
        return refused(answer, purpose)
    return warning(f"the bot is a member, for {purpose}; whether it is archived could not be checked", SEEN)


def refused(answer: Answer, purpose: str) -> Verdict:
    match answer.error:
        case "not_in_channel":
            return fault(f"the bot is not a member of it (for {purpose})", INVITE)
        case "channel_not_found":
            return fault(f"Slack knows no such channel, or does not show it to the bot (for {purpose})", KNOWN)
        case "is_archived":
            return fault(f"it is archived (for {purpose})", UNARCHIVE)
    return refusal(f"the channel (for {purpose})", answer, KNOWN)
