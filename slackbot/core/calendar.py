"""When a summary is due: local dates and times of day, through daylight-saving changes. Pure; now is passed in."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from slackbot.core.config import SummaryConfig, weekdays
from slackbot.core.model import Frozen

ONE_DAY = timedelta(days=1)


class Due(Frozen):
    """One scheduled occurrence: its local date is the key, so that a date has one post."""

    local_date: date
    at: datetime


def due_on(entry: SummaryConfig, day: date) -> datetime:
    """The instant of the entry's time on a local date, whatever the weekday.

    A time that the clocks skip is moved on by the gap (02:30 becomes 03:30); of one that comes twice, the first counts.
    """
    local = datetime.combine(day, time.fromisoformat(entry.at), ZoneInfo(entry.timezone))
    return local.astimezone(UTC)


def last_due(entry: SummaryConfig, now: datetime) -> Due:
    """The newest occurrence that is not in the future."""
    return newest_due(entry, now, 1)[0]


def newest_due(entry: SummaryConfig, now: datetime, limit: int) -> list[Due]:
    """The newest occurrences that are not in the future, the newest first."""
    # From tomorrow on: where clocks go back over midnight, tomorrow's date has begun before and comes again.
    days = (_today(entry, now) + ONE_DAY * (1 - back) for back in count())
    return list(islice((due for due in _wanted(entry, days) if due.at <= now), limit))


def next_due(entry: SummaryConfig, after: datetime) -> Due:
    """The first occurrence later than `after`."""
    # From yesterday on: where clocks skip midnight, yesterday's late evening comes today.
    days = (_today(entry, after) + ONE_DAY * (ahead - 1) for ahead in count())
    return next(due for due in _wanted(entry, days) if due.at > after)


def _today(entry: SummaryConfig, now: datetime) -> date:
    return now.astimezone(ZoneInfo(entry.timezone)).date()


def _wanted(entry: SummaryConfig, days: Iterable[date]) -> Iterator[Due]:
    wanted = weekdays(entry.days)
    return (Due(local_date=day, at=due_on(entry, day)) for day in days if day.weekday() in wanted)
