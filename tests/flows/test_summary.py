"""One summary per local date: across restarts, races, lateness and a Slack that fails."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from slackbot.core.config import Config, SummaryConfig
from slackbot.core.errors import ChatError, ThreadGone
from slackbot.core.task import TaskState
from slackbot.flows.calendar import Calendar
from slackbot.flows.summary import summary as summary_flow
from slackbot.store import summaries
from slackbot.store.database import Transaction
from slackbot.store.tables import summaries as rows
from tests.flows.home import FRIDAY_NINE, Home, until
from tests.flows.seed import a_task, landed

ENTRY = SummaryConfig(name="team", channel="C0TEAM", at="09:00", timezone="UTC", days="mon-fri", retry_s=0.01)
CONFIG = Config(summaries=(ENTRY,))
AWAY = ChatError("Slack", "chat.postMessage", "TimeoutError", retryable=True, unknown=True)
ARCHIVED = ThreadGone("Slack", "chat.postMessage", "is_archived")
TODAY = "2026-11-20"


def _outcomes(tx: Transaction) -> dict[str, str]:
    return {row.local_date: row.outcome for row in tx.connection.execute(select(rows).order_by(rows.c.local_date))}


async def outcomes(home: Home) -> dict[str, str]:
    return await home.house.db.read(_outcomes)


async def dealt_with(home: Home, day: str = TODAY, name: str = "team") -> None:
    await until(lambda: home.house.db.read(summaries.is_recorded, name, day))


async def fire(home: Home, day: str = TODAY) -> None:
    """What the calendar does when its time has come, and the flow's end."""
    await Calendar(home.house).fire(ENTRY)
    await dealt_with(home, day)


async def test_a_date_is_posted_once_across_restarts(home: Home) -> None:
    await home.furnish(CONFIG)
    await fire(home)
    await home.restart()
    home.clock.pass_by(hours=1)
    await fire(home)
    assert [post.ref.channel for post in home.chat.posts] == ["C0TEAM"]
    assert await outcomes(home) == {TODAY: "posted"}


async def test_a_date_that_was_skipped_stays_so_when_the_engine_has_forgotten_its_flow(home: Home) -> None:
    house = await home.furnish(CONFIG)
    await house.db.write(summaries.record, "team", TODAY, "skipped", at=FRIDAY_NINE)
    await (await house.engine.start(summary_flow, "summary:forgotten", "team", TODAY))()
    assert home.chat.posts == []


async def test_two_firings_and_two_calendars_at_once_give_one_post(home: Home) -> None:
    house = await home.furnish(CONFIG)
    one, other = Calendar(house), Calendar(house)
    await asyncio.gather(one.fire(ENTRY), other.fire(ENTRY), one.fire(ENTRY), other.look())
    await dealt_with(home)
    assert len(home.chat.posts) == 1


async def test_the_next_date_is_posted_too(home: Home) -> None:
    house = await home.furnish(CONFIG)
    calendar = Calendar(house)
    for day, hours in (("2026-11-20", 72), ("2026-11-23", 24), ("2026-11-24", 0)):
        await calendar.look()
        await dealt_with(home, day)
        home.clock.pass_by(hours=hours)
    assert [post.key.rpartition(":")[2] for post in home.chat.posts] == ["2026-11-20", "2026-11-23", "2026-11-24"]


@pytest.mark.parametrize("late_s", [0, 1, 3 * 3600])
async def test_late_within_the_grace_period_is_posted(home: Home, late_s: int) -> None:
    await home.furnish(CONFIG)
    home.clock.pass_by(seconds=late_s)
    await fire(home)
    assert await outcomes(home) == {TODAY: "posted"}


async def test_later_than_that_is_skipped_and_never_posted_afterwards(home: Home) -> None:
    await home.furnish(CONFIG)
    home.clock.pass_by(seconds=3 * 3600 + 1)
    await fire(home)
    assert await outcomes(home) == {TODAY: "skipped"}
    home.clock.now = FRIDAY_NINE
    await home.restart()
    await fire(home)
    assert home.chat.posts == []


async def test_the_grace_period_ends_when_the_next_one_is_due(home: Home) -> None:
    patient = ENTRY.model_copy(update={"grace_s": 30 * 24 * 3600})
    house = await home.furnish(Config(summaries=(patient,)))
    await house.db.write(summaries.record, "team", "2026-11-17", "posted", at=FRIDAY_NINE, until=FRIDAY_NINE)
    await Calendar(house).look()
    for day in ("2026-11-18", "2026-11-19", TODAY):
        await dealt_with(home, day)
    posted = {TODAY: "posted", "2026-11-17": "posted"}
    assert await outcomes(home) == posted | {"2026-11-18": "skipped", "2026-11-19": "skipped"}


async def test_days_that_were_missed_are_on_the_record_but_at_most_the_last_seven(home: Home) -> None:
    house = await home.furnish(CONFIG)
    await house.db.write(summaries.record, "team", "2026-10-01", "posted", at=FRIDAY_NINE)
    home.clock.pass_by(days=1)
    await Calendar(house).look()
    await dealt_with(home)
    missed = ["2026-11-12", "2026-11-13", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", TODAY]
    for day in missed:
        await dealt_with(home, day)
    assert await outcomes(home) == {"2026-10-01": "posted"} | dict.fromkeys(missed, "skipped")


async def test_a_new_entry_has_missed_nothing(home: Home) -> None:
    await home.furnish(CONFIG)
    await fire(home)
    assert await outcomes(home) == {TODAY: "posted"}


@pytest.mark.parametrize("error", [AWAY, RuntimeError("a bug of ours")])
async def test_a_date_is_not_lost_because_something_failed_for_a_minute(home: Home, error: Exception) -> None:
    await home.furnish(CONFIG)
    home.chat.fail("post_in_channel", error, times=3)
    await fire(home)
    assert len(home.chat.posts) == 1
    assert await outcomes(home) == {TODAY: "posted"}


async def test_slack_away_for_the_whole_grace_period_is_a_failed_date(home: Home) -> None:
    await home.furnish(CONFIG)
    home.chat.fail("post_in_channel", AWAY, times=10_000)
    await Calendar(home.house).fire(ENTRY)
    await until(lambda: home.chat.failures["post_in_channel"])
    home.clock.pass_by(hours=4)
    await dealt_with(home)
    home.chat.recover("post_in_channel")
    await home.restart()
    await fire(home)
    assert home.chat.posts == []
    assert await outcomes(home) == {TODAY: "failed"}


async def test_a_restart_while_slack_is_away_goes_on_trying(home: Home) -> None:
    await home.furnish(CONFIG)
    home.chat.fail("post_in_channel", AWAY, times=10_000)
    await Calendar(home.house).fire(ENTRY)
    await until(lambda: home.chat.failures["post_in_channel"] > 1)
    await home.restart()
    home.chat.recover("post_in_channel")
    await dealt_with(home)
    assert len(home.chat.posts) == 1


async def test_a_lost_reply_is_adopted_and_hides_nothing_that_came_after_it(home: Home) -> None:
    house = await home.furnish(CONFIG)
    home.chat.lose_reply("post_in_channel")
    home.chat.fail("post_in_channel", AWAY, times=10_000)
    await Calendar(house).fire(ENTRY)
    await until(lambda: home.chat.failures["post_in_channel"] > 1)
    home.clock.pass_by(minutes=30)
    await landed(home, await a_task(home, TaskState.DONE, text="landed meanwhile"))
    home.clock.pass_by(minutes=1)
    home.chat.recover("post_in_channel")
    await dealt_with(home)
    home.clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    await fire(home, "2026-11-23")
    today, monday = home.chat.posts
    assert "landed meanwhile" not in today.text
    assert "landed meanwhile" in monday.text


async def test_an_archived_channel_fails_at_once_and_the_next_post_tells_what_it_missed(home: Home) -> None:
    await home.furnish(CONFIG)
    await fire(home)
    home.clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    await landed(home, await a_task(home, TaskState.DONE, at=home.clock.now - timedelta(days=2), text="on Saturday"))
    home.chat.fail("post_in_channel", ARCHIVED)
    await fire(home, "2026-11-23")
    home.clock.pass_by(days=1)
    await fire(home, "2026-11-24")
    assert await outcomes(home) == {TODAY: "posted", "2026-11-23": "failed", "2026-11-24": "posted"}
    assert "on Saturday" in home.chat.posts[-1].text


async def test_what_ends_at_the_moment_of_a_post_is_told_once(home: Home) -> None:
    await home.furnish(CONFIG)
    await landed(home, await a_task(home, TaskState.DONE, at=FRIDAY_NINE, text="on the dot"))
    await fire(home)
    home.clock.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    await fire(home, "2026-11-23")
    assert ["on the dot" in post.text for post in home.chat.posts] == [False, True]


async def test_an_entry_that_left_the_configuration_posts_nothing(home: Home) -> None:
    await home.furnish(CONFIG)
    home.chat.fail("post_in_channel", AWAY, times=10_000)
    await Calendar(home.house).fire(ENTRY)
    await until(lambda: home.chat.failures["post_in_channel"])
    house = await home.furnish(Config())
    home.chat.recover("post_in_channel")
    await (await house.engine.start(summary_flow, f"summary:team:{TODAY}", "team", TODAY))()
    assert home.chat.posts == []
    assert await outcomes(home) == {}


async def test_the_calendar_wakes_up_by_itself_when_the_time_has_come(home: Home) -> None:
    home.clock.now = FRIDAY_NINE - timedelta(seconds=1)
    house = await home.furnish(CONFIG)
    await house.db.write(summaries.record, "team", "2026-11-19", "posted", at=home.clock.now)
    calendar = Calendar(house, look_every_s=0.02)
    await calendar.start()
    assert await outcomes(home) == {"2026-11-19": "posted"}
    home.clock.pass_by(seconds=1)
    await dealt_with(home)
    calendar.stop()
    assert len(home.chat.posts) == 1


async def test_a_calendar_that_starts_deals_with_what_fell_due_while_it_was_away(home: Home) -> None:
    home.clock.pass_by(hours=2)
    calendar = Calendar(await home.furnish(CONFIG))
    await calendar.start()
    await dealt_with(home)
    calendar.stop()
    assert len(home.chat.posts) == 1
