"""The calendar: APScheduler wakes us, the flow's key says for which local date. Decides nothing itself."""

from datetime import datetime, tzinfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from slackbot.core.calendar import last_due, next_due
from slackbot.core.config import SummaryConfig
from slackbot.flows.house import House
from slackbot.flows.summary import summary

log = structlog.get_logger()


class Daily(BaseTrigger):  # type: ignore[misc]
    """An entry's occurrences. APScheduler's own cron trigger skips a time that falls into a daylight-saving gap."""

    def __init__(self, entry: SummaryConfig) -> None:
        self._entry = entry

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return next_due(self._entry, previous_fire_time or now).at


class Calendar:
    """Fires each entry at its time; a flow's id makes a second firing, by us or another process, harmless."""

    def __init__(self, house: House, zone: tzinfo | None = None) -> None:
        self._house = house
        self._scheduler = AsyncIOScheduler(timezone=zone or "UTC")

    async def start(self) -> None:
        """Begin, and first deal with what fell due while the bot was away."""
        for entry in self._house.config.summaries:
            await self.fire(entry)
            # Late by any amount is for the flow to judge, so APScheduler must not drop a misfire.
            self._scheduler.add_job(
                self.fire, Daily(entry), args=[entry], id=entry.name, coalesce=True, misfire_grace_time=None
            )
        self._scheduler.start()

    async def fire(self, entry: SummaryConfig) -> None:
        """Start the flow of the newest due date; one that was started before is left alone."""
        due = last_due(entry, self._house.clock())
        if due is not None:
            day = due.local_date.isoformat()
            await self._house.engine.start(summary, f"summary:{entry.name}:{day}", entry.name, day)

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
