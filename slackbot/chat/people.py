"""Who somebody is: look-ups in Slack, remembered for a minute, failures never. Decides nothing about rights."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from slackbot.chat.calls import Calls
from slackbot.chat.wire import Answer
from slackbot.core.errors import ChatError
from slackbot.core.model import Frozen
from slackbot.core.person import Person

KEPT_FOR = timedelta(seconds=60)
REMEMBERED = 2000

T = TypeVar("T")


class Me(Frozen):
    """The bot itself, as `auth.test` tells."""

    team: str
    user: str
    bot: str = ""

    def wrote(self, message: Mapping[str, Any]) -> bool:
        return message.get("user") == self.user or (bool(self.bot) and message.get("bot_id") == self.bot)


class _Remembered(Generic[T]):
    """Answers that are at most KEPT_FOR old."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._found: dict[str, tuple[datetime, T]] = {}

    async def get(self, key: str, look_up: Callable[[str], Awaitable[T]]) -> T:
        asked_at = self._clock()
        if key in self._found and asked_at - self._found[key][0] < KEPT_FOR:
            return self._found[key][1]
        value = await look_up(key)
        if len(self._found) >= REMEMBERED:
            self._found.clear()
        self._found[key] = (asked_at, value)
        return value


class People:
    def __init__(self, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._calls = calls
        self._people: _Remembered[Person] = _Remembered(clock)
        self._groups: _Remembered[frozenset[str]] = _Remembered(clock)
        self._me: Me | None = None

    async def me(self) -> Me:
        """Who we are; asked once, a bot does not change its team."""
        if self._me is None:
            answer = await self._calls.repeatable("auth.test", {})
            self._me = Me(
                team=str(answer.get("team_id") or ""),
                user=str(answer.get("user_id") or ""),
                bot=str(answer.get("bot_id") or ""),
            )
        return self._me

    async def person(self, user: str) -> Person:
        return await self._people.get(user, self._look_up)

    async def group_members(self, group: str) -> frozenset[str]:
        return await self._groups.get(group, self._members)

    async def _look_up(self, user: str) -> Person:
        me = await self.me()
        answer = await self._calls.repeatable("users.info", {"user": user})
        found = answer.get("user")
        if not isinstance(found, dict) or not found:
            raise ChatError("Slack", "users.info", "no_user_in_answer")  # nobody is a member by default
        return person_of(user, found, me.team)

    async def _members(self, group: str) -> frozenset[str]:
        answer: Answer = await self._calls.repeatable("usergroups.users.list", {"usergroup": group})
        return frozenset(map(str, answer.get("users") or ()))


def person_of(user: str, found: Mapping[str, Any], our_team: str) -> Person:
    """Flags that Slack leaves out are false; a team that it leaves out is ours."""
    bot = bool(found.get("is_bot")) or user == "USLACKBOT"
    deactivated = bool(found.get("deleted"))
    guest = any(found.get(flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger"))
    elsewhere = (found.get("team_id") or our_team) != our_team
    return Person(
        id=user,
        name=shown_name(found) or user,
        full_member=not (bot or deactivated or guest or elsewhere),
        bot=bot,
        deactivated=deactivated,
    )


def shown_name(found: Mapping[str, Any]) -> str:
    """The name that people see beside messages."""
    profile = found.get("profile") or found
    names = (profile.get("display_name"), profile.get("real_name"), found.get("real_name"), found.get("name"))
    return next((str(name) for name in names if name), "")
