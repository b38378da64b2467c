"""Who somebody is: flags, freshness, and failures that are never remembered."""

import pytest

from slackbot.chat.people import person_of
from slackbot.chat.slack import SlackChat
from slackbot.core.errors import ChatError
from slackbot.playground.server import LocalSlack
from tests.chat.conftest import Clock


@pytest.mark.parametrize(
    ("found", "full_member"),
    [
        ({"team_id": "T1"}, True),
        ({}, True),
        ({"team_id": ""}, True),
        ({"team_id": "T2"}, False),
        ({"is_restricted": True}, False),
        ({"is_ultra_restricted": True}, False),
        ({"is_stranger": True}, False),
        ({"is_bot": True}, False),
        ({"deleted": True}, False),
        ({"is_restricted": None, "is_bot": False, "deleted": None}, True),
    ],
)
def test_who_is_a_full_member(found: dict[str, object], full_member: bool) -> None:
    assert person_of("U1", found, "T1").full_member is full_member


def test_slackbot_is_a_bot() -> None:
    assert person_of("USLACKBOT", {}, "T1").bot


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({"name": "ann", "profile": {"display_name": "Ann", "real_name": "Ann B"}}, "Ann"),
        ({"name": "ann", "profile": {"display_name": "", "real_name": "Ann B"}}, "Ann B"),
        ({"name": "ann", "real_name": "Ann C"}, "Ann C"),
        ({"name": "ann"}, "ann"),
        ({}, "U1"),
    ],
)
def test_people_are_called_as_slack_shows_them(found: dict[str, object], name: str) -> None:
    assert person_of("U1", found, "T1").name == name


async def test_a_person_is_at_most_a_minute_old(chat: SlackChat, slack: LocalSlack, clock: Clock) -> None:
    assert (await chat.person("U0ANN")).full_member
    slack.workspace.add_person("U0ANN", "ann", deleted=True)
    clock.forward(59)
    assert (await chat.person("U0ANN")).full_member
    clock.forward(2)
    person = await chat.person("U0ANN")
    assert (person.full_member, person.deactivated) == (False, True)


async def test_a_groups_members_are_at_most_a_minute_old(chat: SlackChat, slack: LocalSlack, clock: Clock) -> None:
    assert await chat.group_members("S0ONCALL") == {"U0ANN", "U0CAT"}
    slack.workspace.add_group("S0ONCALL", "oncall", ["U0BEN"])
    assert await chat.group_members("S0ONCALL") == {"U0ANN", "U0CAT"}
    clock.forward(61)
    assert await chat.group_members("S0ONCALL") == {"U0BEN"}


async def test_failures_are_raised_and_not_remembered(chat: SlackChat, slack: LocalSlack) -> None:
    slack.faults.error("users.info", "fatal_error", 5)
    slack.faults.error("usergroups.users.list", "no_such_subteam")
    with pytest.raises(ChatError):
        await chat.person("U0ANN")
    with pytest.raises(ChatError):
        await chat.group_members("S0ONCALL")
    assert (await chat.person("U0ANN")).name == "ann"
    assert await chat.group_members("S0ONCALL") == {"U0ANN", "U0CAT"}


async def test_a_look_up_is_not_waited_for_longer_than_a_person_would(chat: SlackChat, slack: LocalSlack) -> None:
    slack.faults.rate_limit("users.info", 9, retry_after_s=25)
    with pytest.raises(ChatError) as caught:
        await chat.person("U0ANN")
    assert (caught.value.reason, caught.value.retryable) == ("ratelimited", True)
    assert len(slack.calls("users.info")) == 3
