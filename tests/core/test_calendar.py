"""When a summary is due: zones, weekdays, and the two nights a year when local time jumps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.core.calendar import Due, due_on, last_due, newest_due, next_due
from slackbot.core.config import DAYS, SummaryConfig, weekdays


def entry(at: str = "09:00", timezone: str = "UTC", days: str = "mon-fri") -> SummaryConfig:
    return SummaryConfig(name="team", channel="C0TEAM", at=at, timezone=timezone, days=days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "day", "due"),
    [
        ("09:00", "UTC", "2026-11-20", "2026-11-20T09:00"),
        ("09:00", "Europe/Berlin", "2026-11-20", "2026-11-20T08:00"),
        ("09:00", "Europe/Berlin", "2026-07-20", "2026-07-20T07:00"),
        ("09:00", "Asia/Kolkata", "2026-11-20", "2026-11-20T03:30"),
        ("09:00", "Pacific/Kiritimati", "2026-11-20", "2026-11-19T19:00"),
        ("09:00", "Pacific/Pago_Pago", "2026-11-20", "2026-11-20T20:00"),
        ("00:00", "Europe/Berlin", "2027-01-01", "2026-12-31T23:00"),
        # The gap: 02:30 does not exist and is moved on by it, to what people call 03:30.
        ("02:30", "Europe/Berlin", "2026-03-29", "2026-03-29T01:30"),
        ("01:59", "Europe/Berlin", "2026-03-29", "2026-03-29T00:59"),
        ("03:00", "Europe/Berlin", "2026-03-29", "2026-03-29T01:00"),
        ("02:30", "America/New_York", "2026-03-08", "2026-03-08T07:30"),
        ("02:15", "Australia/Lord_Howe", "2026-10-04", "2026-10-03T15:45"),  # half an hour wide
        ("23:30", "America/Nuuk", "2026-03-28", "2026-03-29T01:30"),  # over midnight: the 29th there
        # The fold: 02:30 comes twice, the first counts.
        ("02:30", "Europe/Berlin", "2026-10-25", "2026-10-25T00:30"),
        ("03:00", "Europe/Berlin", "2026-10-25", "2026-10-25T02:00"),
        ("01:30", "America/New_York", "2026-11-01", "2026-11-01T05:30"),
        ("01:45", "Australia/Lord_Howe", "2026-04-05", "2026-04-04T14:45"),
    ],
)
def test_a_local_time_is_one_instant(at: str, zone: str, day: str, due: str) -> None:
    assert due_on(entry(at, zone), date.fromisoformat(day)) == utc(due)


@pytest.mark.parametrize(
    ("days", "now", "last", "following"),
    [
        ("mon-fri", "2026-11-20T08:59:59", "2026-11-19", "2026-11-20"),
        ("mon-fri", "2026-11-20T09:00:00", "2026-11-20", "2026-11-23"),
        ("mon-fri", "2026-11-22T12:00:00", "2026-11-20", "2026-11-23"),
        ("sat-mon", "2026-11-20T12:00:00", "2026-11-16", "2026-11-21"),
        ("wed", "2026-11-18T09:00:00", "2026-11-18", "2026-11-25"),
        ("wed", "2026-11-18T08:59:59", "2026-11-11", "2026-11-18"),
        ("mon,thu", "2026-11-17T00:00:00", "2026-11-16", "2026-11-19"),
        ("mon-sun", "2026-12-31T23:59:59", "2026-12-31", "2027-01-01"),
        ("fri", "2026-12-31T12:00:00", "2026-12-25", "2027-01-01"),
        ("sun", "2028-02-29T12:00:00", "2028-02-27", "2028-03-05"),
    ],
)
def test_the_last_and_the_next_date_stand_around_now(days: str, now: str, last: str, following: str) -> None:
    table = entry(days=days)
    assert last_due(table, utc(now)).local_date.isoformat() == last
    assert next_due(table, utc(now)).local_date.isoformat() == following


@pytest.mark.parametrize(
    ("zone", "at", "now", "last", "following"),
    [
        ("Europe/Berlin", "02:30", "2026-03-29T01:29", "2026-03-28", "2026-03-29"),
        ("Europe/Berlin", "02:30", "2026-03-29T01:30", "2026-03-29", "2026-03-30"),
        ("Europe/Berlin", "02:30", "2026-10-25T00:30", "2026-10-25", "2026-10-26"),
        ("Europe/Berlin", "02:30", "2026-10-25T01:30", "2026-10-25", "2026-10-26"),  # the second 02:30 counts nothing
        ("America/Nuuk", "23:30", "2026-03-29T01:29", "2026-03-27", "2026-03-28"),
        ("America/Nuuk", "23:30", "2026-03-29T01:30", "2026-03-28", "2026-03-29"),
        ("Pacific/Kiritimati", "00:15", "2026-11-20T10:15", "2026-11-21", "2026-11-22"),
        ("Pacific/Pago_Pago", "23:45", "2026-11-20T10:44", "2026-11-18", "2026-11-19"),
        ("Pacific/Pago_Pago", "23:45", "2026-11-20T10:45", "2026-11-19", "2026-11-20"),
        # The night began twice there: at 00:01 clocks went back to 23:01, so the 7th came before the 6th's end.
        ("America/St_Johns", "00:00", "2010-11-07T02:31", "2010-11-07", "2010-11-08"),
    ],
)
def test_dates_are_local_ones(zone: str, at: str, now: str, last: str, following: str) -> None:
    table = entry(at, zone, "mon-sun")
    assert last_due(table, utc(now)).local_date.isoformat() == last
    assert next_due(table, utc(now)).local_date.isoformat() == following


def test_the_newest_come_first_and_none_is_in_the_future() -> None:
    found = newest_due(entry(days="mon,fri"), utc("2026-11-20T08:00"), 3)
    assert [due.local_date.isoformat() for due in found] == ["2026-11-16", "2026-11-13", "2026-11-09"]


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Nuuk", "Africa/Cairo",
         "America/Havana", "Pacific/Chatham", "Asia/Kolkata", "Pacific/Kiritimati", "America/St_Johns"]  # fmt: skip
TABLES = st.builds(
    lambda minute, zone, days: entry(f"{minute // 60:02}:{minute % 60:02}", zone, ",".join(sorted(days))),
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(DAYS), min_size=1),
)


def walk(table: SummaryConfig, start: datetime, end: datetime) -> Iterator[Due]:
    due = next_due(table, start)
    while due.at <= end:
        yield due
        due = next_due(table, due.at)


@settings(max_examples=40, deadline=None)
@given(table=TABLES, year=st.integers(2005, 2030))
def test_walking_through_a_year_gives_every_wanted_date_once_and_in_order(table: SummaryConfig, year: int) -> None:
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = list(walk(table, due_on(table, first) - timedelta(microseconds=1), due_on(table, last)))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    assert [due.local_date for due in found] == [day for day in days if day.weekday() in weekdays(table.days)]
    assert all(before.at < after.at for before, after in pairwise(found))


@settings(max_examples=200, deadline=None)
@given(table=TABLES, now=st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_nothing_is_due_between_the_last_and_the_next(table: SummaryConfig, now: datetime) -> None:
    last, following = last_due(table, now), next_due(table, now)
    assert last.at <= now < following.at
    assert next_due(table, last.at) == following
    assert newest_due(table, now, 5)[0] == last
    local = following.at.astimezone(ZoneInfo(table.timezone))
    assert abs(local.date() - following.local_date) <= timedelta(days=1)
