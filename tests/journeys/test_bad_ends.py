"""What goes wrong: agents, checks, repositories. The card says it in a sentence with a next step; nothing is left."""

import pytest

from tests.fakes.processes import lives
from tests.stage import ALICE, BOB, GUEST, Stage, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exit 3", "ended"),
        ("in acme/impatient: wait", "said nothing"),
        ("in acme/absent: anything", "not found"),
        ("in acme/empty: anything", "empty"),
        ("in acme/unprepared: anything", "no compiler"),
        ("in acme/hopeless\nwrite x.txt 1", "check still fails"),
        ("write a/../../../evil.txt 1\nfail it would leave the workspace", "leave the workspace"),
    ],
)
async def test_a_bad_end_is_told_on_the_card_with_retry(stage: Stage, text: str, said: str) -> None:
    ts = await stage.mention(text.replace(": ", "\n"))
    card = await stage.card_with(ts, "Failed")
    assert said in shown(card)
    assert "[Retry]" in shown(card)
    assert stage.branches_of(card) == []


async def test_a_failing_check_is_handed_back_to_the_agent(stage: Stage) -> None:
    ts = await stage.mention("in acme/checked\nwrite BROKEN yes\nwrite fixed.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    assert stage.landed("fixed.txt", "acme/checked") == "yes"


async def test_retry_after_a_failure_is_a_new_attempt(stage: Stage) -> None:
    ts = await stage.mention("exit-unless go.txt\nwrite retried.txt yes")
    card = await stage.card_with(ts, "Failed")
    stage.origins["acme/shop"].commit({"go.txt": "go\n"})
    await stage.click(ALICE, card, "retry")
    card = await stage.card_with(ts, "Ready for your decision")
    assert "attempt 2" in shown(card)


async def test_stop_ends_the_agent_and_everything_it_started(stage: Stage) -> None:
    ts = await stage.mention("spawn child.pid\nwait")
    card = await stage.card_with(ts, "turn 1")
    child = await stage.pid_in("child.pid")
    await stage.click(GUEST, card, "stop")
    await stage.thread_with(ts, "Only full members")
    await stage.click(ALICE, card, "stop")
    await stage.card_with(ts, "Stopped", timeout_s=5)
    await stage.until(lambda: not lives(child), 5)
    await stage.until(lambda: stage.workspaces(card) == [], 5)


async def test_stop_by_words_works_too(stage: Stage) -> None:
    ts = await stage.mention("wait")
    await stage.card_with(ts, "turn 1")
    await stage.mention("stop", thread=ts)
    await stage.card_with(ts, "Stopped")


async def test_roles_are_closed_when_slack_cannot_be_asked(stage: Stage) -> None:
    # A repository of its own: members that another journey asked for would still be known.
    ts = await stage.mention("in acme/led\nwrite guarded.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    stage.slack.faults.error("usergroups.users.list", "internal_error", 10)
    await stage.click(BOB, card, "approve")
    await stage.thread_with(ts, "could not look up")
    stage.slack.faults.clear()
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")


async def test_the_place_in_the_queue_is_on_the_card(stage: Stage) -> None:
    busy = [await stage.mention("wait") for _ in range(4)]
    for ts in busy:
        await stage.card_with(ts, "turn 1")
    last = await stage.mention("write queued.txt yes")
    await stage.card_with(last, "queue")
    for ts in busy:
        card = stage.card(ts)
        assert card is not None
        await stage.click(ALICE, card, "stop")
    await stage.card_with(last, "Ready for your decision")


async def test_a_deleted_card_is_posted_anew(stage: Stage) -> None:
    ts = await stage.mention("write deleted.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    stage.slack.workspace.messages.remove(card)
    await stage.mention("and\nwrite more.txt yes", thread=ts)
    again = await stage.card_with(ts, "Ready for your decision")
    assert again.ts != card.ts


async def test_an_archived_channel_is_told_to_the_requester_directly(stage: Stage) -> None:
    stage.slack.workspace.add_channel("C0OLD", "old", (ALICE, BOB, stage.slack.workspace.bot_user_id))
    ts = await stage.mention("in acme/own\nwait", channel="C0OLD")
    card = await stage.card_with(ts, "turn 1", channel="C0OLD")
    stage.slack.workspace.archive("C0OLD")
    await stage.slack.people.click(ALICE, "C0OLD", card.ts, "stop")
    direct = stage.slack.workspace.direct_channel(ALICE).id
    await stage.slack.until(lambda: "can no longer write" in stage.slack.transcript(direct), 15)
