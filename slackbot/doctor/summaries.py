"""When each daily summary comes next. Its channel is looked at with the other channels."""

from datetime import datetime
from zoneinfo import ZoneInfo

from slackbot.core.calendar import next_due
from slackbot.core.config import SummaryConfig
from slackbot.doctor.findings import Verdict, ok


def summary(entry: SummaryConfig, now: datetime) -> Verdict:
    at = next_due(entry, now).at.astimezone(ZoneInfo(entry.timezone))
    return ok(f"next on {at:%a %Y-%m-%d at %H:%M} {entry.timezone} ({at:%z}), in {entry.channel}")
