"""Every method of Slack's that we call fails in every way while a task is under way: one post a key, one end."""

import pytest

from slackbot.chat.wire import METHODS
from tests.chaos.people import cards_in
from tests.faults.inhouse import InHouse
from tests.faults.story import keys_of, landed

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

EVERYWHERE = ("rate_limit", "server_error", "hang", "lose_reply", "outage")
# What Slack's documentation names for the method and what an operator or a member can bring about.
CODES = {
    "auth.test": ("token_revoked", "account_inactive"),
    "chat.getPermalink": ("message_not_found", "channel_not_found"),
    "chat.postEphemeral": ("user_not_in_channel", "not_in_channel", "is_archived", "token_revoked"),
    "chat.postMessage": (
        "not_in_channel", "channel_not_found", "is_archived", "token_revoked", "account_inactive", "msg_too_long",
        "msg_blocks_too_long", "invalid_blocks", "internal_error", "restricted_action",
    ),
    "chat.update": ("is_archived", "channel_not_found", "token_revoked", "msg_too_long", "internal_error"),
    "conversations.replies": ("thread_not_found", "missing_scope", "channel_not_found", "token_revoked"),
    "usergroups.users.list": ("no_such_subteam", "missing_scope", "token_revoked"),
    "users.info": ("user_not_found", "missing_scope", "token_revoked"),
    "views.open": ("expired_trigger_id", "exchanged_trigger_id", "invalid_arguments", "token_revoked"),
}  # fmt: skip
ELSEWHERE = {"conversations.history"}  # the calendar's and the reconciler's, who look before they post
# One more than the bot tries by itself; a modal it tries to open once for each click.
OUTAGE = {"views.open": 2}
CASES = [(method, fault) for method in CODES for fault in (*EVERYWHERE, *CODES[method])]


async def test_every_method_that_we_call_has_its_cases() -> None:
    assert set(CODES) | ELSEWHERE == set(METHODS)


@pytest.mark.parametrize(("method", "fault"), CASES)
async def test_a_task_comes_to_its_end_whatever_a_call_meets(place: InHouse, method: str, fault: str) -> None:
    place.forget()
    faults = place.stage.slack.faults
    if fault == "outage":
        faults.server_error(method, OUTAGE.get(method, 6))
    elif fault in EVERYWHERE:
        getattr(faults, fault)(method, 2)
    else:
        faults.error(method, fault)
    planned = faults.pending(method)
    story = await landed(place)
    assert faults.pending(method) < planned, f"the story does not come by {method}"
    doubled = {key: count for key, count in keys_of(place.stage.slack.workspace).items() if count > 1}
    assert doubled == {}
    assert len(cards_in(place.stage, story.thread)) == 2
