"""APScheduler's side of the calendar: when it wakes us."""

from datetime import UTC, datetime

import pytest

from slackbot.core.config import Config, SummaryConfig
from slackbot.flows.calendar import Calendar, Daily
from slackbot.store import summaries
from slackbot.store.database import Transaction
from tests.flows.home import Home


def entry(name: str = "team", at: str = "02:30", zone: str = "Europe/Berlin", days: str = "mon-sun") -> SummaryConfig:
    return SummaryConfig(name=name, channel="C0TEAM", at=at, timezone=zone, days=days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("previous", "now", "fires"),
    [
        (None, "2026-03-28T12:00", "2026-03-29T01:30"),  # in the gap, where APScheduler's own trigger fires never
        ("2026-03-29T01:30", "2026-03-29T01:30", "2026-03-30T00:30"),
        ("2026-10-25T00:30", "2026-10-25T00:30", "2026-10-26T01:30"),  # the second 02:30 of that night fires nothing
        ("2026-11-18T01:30", "2026-11-20T12:00", "2026-11-19T01:30"),  # slept through: caught up one by one
    ],
)
def test_the_trigger_fires_at_each_local_date_once(previous: str | None, now: str, fires: str) -> None:
    trigger = Daily(entry())
    assert trigger.get_next_fire_time(utc(previous) if previous else None, utc(now)) == utc(fires)


async def test_each_entry_is_scheduled_and_stopping_twice_is_fine(home: Home) -> None:
    entries = (entry(), entry("ops", "17:00", "America/New_York", "fri"))
    calendar = Calendar(await home.furnish(Config(summaries=entries)))
    await calendar.start()
    planned = calendar.planned()
    calendar.stop()
    calendar.stop()
    assert set(planned) == {"team", "ops"}
    assert planned["team"].astimezone(UTC) == Daily(entries[0]).get_next_fire_time(None, datetime.now(UTC))


async def test_a_database_that_is_away_does_not_end_the_calendar(home: Home) -> None:
    house = await home.furnish(Config(summaries=(entry(),)))
    calendar = Calendar(house)
    await house.db.write(_lose_table)
    await calendar.look()
    assert home.chat.posts == []
    await house.db.write(_find_table)
    await calendar.look()
    await home.flow_ended("summary:team:2026-11-20")
    assert await house.db.read(summaries.is_recorded, "team", "2026-11-20")


def _lose_table(tx: Transaction) -> None:
    tx.connection.exec_driver_sql("ALTER TABLE summaries RENAME TO away")


def _find_table(tx: Transaction) -> None:
    tx.connection.exec_driver_sql("ALTER TABLE away RENAME TO summaries")
