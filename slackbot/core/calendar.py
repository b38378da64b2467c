"""When a summary is due: local dates and times of day, through daylight-saving changes. Pure; now is passed in."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from slackbot.core.config import SummaryConfig, weekdays
from slackbot.core.model import Frozen


class Due(Frozen):
    """One scheduled occurrence: its local date is the key, so that a date has one post."""

    local_date: date
    at: datetime


def due_on(entry: SummaryConfig, day: date) -> datetime:
    """The instant of the entry's time on a local date.

    A time that the clocks skip is moved on by the gap (02:30 becomes 03:30); of one that comes twice, the first counts.
    """
    local = datetime.combine(day, time.fromisoformat(entry.at), ZoneInfo(entry.timezone))
    return local.astimezone(UTC)


def last_due(entry: SummaryConfig, now: datetime) -> Due | None:
    """The newest occurrence that is not in the future; None when the entry's weekdays had none in a week."""
    return next((due for due in _around(entry, now, range(1, -9, -1)) if due.at <= now), None)


def next_due(entry: SummaryConfig, after: datetime) -> Due:
    """The first occurrence later than `after`."""
    return next(due for due in _around(entry, after, range(-1, 10)) if due.at > after)


def _around(entry: SummaryConfig, now: datetime, offsets: range) -> list[Due]:
    today = now.astimezone(ZoneInfo(entry.timezone)).date()
    days = [today + timedelta(days=offset) for offset in offsets]
    wanted = weekdays(entry.days)
    return [Due(local_date=day, at=due_on(entry, day)) for day in days if day.weekday() in wanted]
