"""The calendar: APScheduler wakes us, a flow's key says for which local date. Judges nothing itself."""

from datetime import UTC, date, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from slackbot.core.calendar import Due, newest_due, next_due
from slackbot.core.config import SummaryConfig
from slackbot.core.errors import StoreUnavailable
from slackbot.flows.house import House
from slackbot.flows.housekeeping import due_date, housekeeping
from slackbot.flows.summary import summary
from slackbot.store import summaries

log = structlog.get_logger()
LOOK_EVERY_S = 60.0
LOOK_BACK = 7  # due dates; what was missed before these is not told one by one


class Daily(BaseTrigger):  # type: ignore[misc]
    """An entry's occurrences. APScheduler's own cron trigger skips a time that falls into a daylight-saving gap."""

    def __init__(self, entry: SummaryConfig) -> None:
        self._entry = entry

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return next_due(self._entry, previous_fire_time or now).at


class Calendar:
    """Starts each entry's flow at its time; a flow's id makes a second start, by us or another process, harmless.

    It also looks every minute whether something was missed: the clock was set, the machine slept, the database was
    away at the very moment.
    """

    def __init__(self, house: House, look_every_s: float = LOOK_EVERY_S) -> None:
        self._house = house
        self._look_every_s = look_every_s
        self._started: set[str] = set()
        # Late by any amount is for the flow to judge, so APScheduler must not drop a misfire.
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})

    async def start(self) -> None:
        """Begin, and first deal with what fell due while the bot was away."""
        await self.look()
        for entry in self._house.config.summaries:
            self._scheduler.add_job(self.fire, Daily(entry), args=[entry], id=f"daily:{entry.name}")
        self._scheduler.add_job(self.look, IntervalTrigger(seconds=self._look_every_s, timezone=UTC), id="look")
        self._scheduler.start()

    async def look(self) -> None:
        """Start whatever is due of any entry. Safe to repeat."""
        for entry in self._house.config.summaries:
            await self.fire(entry)
        await self._keep_house()

    async def fire(self, entry: SummaryConfig) -> None:
        """Start the flows of the entry's dates that are due and not dealt with. Safe to repeat."""
        try:
            recorded = await self._house.db.read(summaries.newest_recorded, entry.name)
        except StoreUnavailable as error:
            log.warning("calendar_not_read", summary=entry.name, reason=str(error))  # the next look does it
            return
        for due in self._missing(entry, recorded):
            await self._start(entry.name, due.local_date.isoformat())

    def _missing(self, entry: SummaryConfig, recorded: str | None) -> list[Due]:
        """Oldest first. Of an entry that is new only the newest: it has missed nothing."""
        found = newest_due(entry, self._house.clock(), LOOK_BACK)
        if recorded is None:
            return found[:1]
        return [due for due in reversed(found) if due.local_date > date.fromisoformat(recorded)]

    async def _start(self, name: str, day: str) -> None:
        key = f"summary:{name}:{day}"
        if key not in self._started:
            await self._house.engine.start(summary, key, name, day)
            self._started.add(key)

    async def _keep_house(self) -> None:
        day = due_date(self._house.clock()).isoformat()
        key = f"housekeeping:{day}"
        if key not in self._started:
            await self._house.engine.start(housekeeping, key, day)
            self._started.add(key)

    def planned(self) -> dict[str, datetime]:
        """When each entry fires next, by its name."""
        return {job.args[0].name: job.next_run_time for job in self._scheduler.get_jobs() if job.args}

    def stop(self) -> None:
        """Wake nobody any more; flows that were started go on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
