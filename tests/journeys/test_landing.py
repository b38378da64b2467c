"""Approved is what lands: races, moved bases, conflicts."""

import pytest

from tests.stage import BOB, REPO, Stage, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
CAROL = "U0CAROL"


async def test_a_moved_base_is_merged_and_checked_before_it_lands(stage: Stage) -> None:
    ts = await stage.mention("in acme/checked\nwrite mine.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    stage.origins["acme/checked"].commit({"theirs.txt": "yes\n"})
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    assert stage.landed("mine.txt", "acme/checked") == "yes"
    assert stage.landed("theirs.txt", "acme/checked") == "yes"


async def test_a_check_that_fails_on_the_merged_tree_blocks_the_landing(stage: Stage) -> None:
    origin = stage.origins["acme/checked"]
    ts = await stage.mention("in acme/checked\nwrite innocent.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    origin.commit({"BROKEN": "by somebody else\n"})
    await stage.click(BOB, card, "approve")
    card = await stage.card_with(ts, "check fails")
    origin.commit({"BROKEN": None})
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")


async def test_a_conflict_goes_to_the_agent_once_and_then_to_people(stage: Stage) -> None:
    origin = stage.origins[REPO]
    origin.commit({"shared.txt": "first\n"})
    ts = await stage.mention("write shared.txt mine")
    card = await stage.card_with(ts, "Ready for your decision")
    origin.commit({"shared.txt": "theirs\n"})
    await stage.click(BOB, card, "approve")
    card = await stage.offered_again(card)  # the agent wrote shared.txt anew: solved, so people are asked again
    origin.commit({"shared.txt": "theirs again\n"})
    await stage.click(BOB, card, "approve")
    card = await stage.card_with(ts, "conflicts with this change")
    assert "shared.txt" in shown(card)


async def test_the_first_decision_wins_and_the_other_is_told_by_whom(stage: Stage) -> None:
    stage.slack.workspace.add_person(CAROL, "carol")
    members = stage.slack.workspace.channels["C0INCIDENTS"].members
    stage.slack.workspace.set_members("C0INCIDENTS", (*members, CAROL))
    ts = await stage.mention("write race.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    await stage.late_click(CAROL, card, "rework")
    await stage.thread_with(ts, "<@U0BOB> decided first")
