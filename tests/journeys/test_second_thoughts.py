"""People change their minds at awkward moments: nothing is swallowed, reverted or left behind."""

import pytest

from tests.stage import ALICE, BOB, INCIDENTS, REPO, Stage, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"


async def test_steering_after_the_base_moved_keeps_what_others_landed(stage: Stage) -> None:
    origin = stage.origins[REPO]
    origin.commit({"numbers.txt": LINES})
    ts = await stage.mention("replace-line numbers.txt 2 TWO")
    card = await stage.card_with(ts, "Ready for your decision")
    origin.commit({"numbers.txt": LINES.replace("five", "FIVE")})
    await stage.click(BOB, card, "approve")
    card = await stage.offered_again(card)
    await stage.mention("and\nwrite note.txt yes", thread=ts)
    card = await stage.offered_again(card)
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    assert stage.landed("numbers.txt").splitlines()[1:5] == ["TWO", "three", "four", "FIVE"]


async def test_an_instruction_during_a_failing_check_reaches_the_agent(stage: Stage) -> None:
    gate = stage.folder / "check-gate"
    ts = await stage.mention(f"in acme/checked\nwrite BROKEN {gate}\nwrite work.txt yes")
    await stage.card_with(ts, "running the check")
    await stage.mention("also\nwrite told.txt yes", thread=ts)
    await stage.thread_with(ts, "next turn")
    gate.touch()
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    assert stage.landed("told.txt", "acme/checked") == "yes"


async def test_retrying_an_older_failure_does_not_lock_the_thread(stage: Stage) -> None:
    ts = await stage.mention("exit 3")
    first = await stage.card_with(ts, "Failed")
    await stage.mention("exit-unless other.txt", thread=ts)
    await stage.slack.until(
        lambda: sum("Failed" in shown(card) for card in stage.cards() if card.thread_ts == ts) == 2, 20
    )
    await stage.click(ALICE, first, "retry")
    await stage.card_with(ts, "attempt 2")
    await stage.card_with(ts, "Failed")
    await stage.mention("text a new one", thread=ts)
    await stage.slack.until(lambda: len([card for card in stage.cards() if card.thread_ts == ts]) == 3, 20)


async def test_stop_by_words_obeys_the_approvers_rule(stage: Stage) -> None:
    carol = "U0CAROL2"
    stage.slack.workspace.add_person(carol, "carol2")
    stage.slack.workspace.set_members(INCIDENTS, (*stage.slack.workspace.channels[INCIDENTS].members, carol))
    ts = await stage.mention("in acme/guarded\nwait")
    card = await stage.card_with(ts, "turn 1")
    await stage.mention("stop", by=carol, thread=ts)
    await stage.thread_with(ts, "can be reworked or stopped by")
    await stage.click(ALICE, card, "stop")
    await stage.card_with(ts, "Stopped")


async def test_a_change_that_is_taken_back_leaves_no_branch(stage: Stage) -> None:
    ts = await stage.mention("write taken-back.txt yes")
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.mention("forget it\ndelete taken-back.txt", thread=ts)
    await stage.card_with(ts, "Answered")
    await stage.until(lambda: not stage.branches_of(card))


async def test_a_second_conflict_is_solved_by_saying_how(stage: Stage) -> None:
    origin = stage.origins[REPO]
    origin.commit({"twice.txt": "first\n"})
    ts = await stage.mention("write twice.txt mine")
    card = await stage.card_with(ts, "Ready for your decision")
    for theirs in ("theirs\n", "theirs again\n"):
        origin.commit({"twice.txt": theirs})
        await stage.click(BOB, card, "approve")
        if theirs == "theirs\n":
            card = await stage.offered_again(card)
    card = await stage.card_with(ts, "conflicts with this change")
    await stage.mention("take both\nwrite twice.txt both", thread=ts)
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    assert stage.landed("twice.txt") == "both"


async def test_the_repository_said_in_words_keeps_the_instruction(stage: Stage) -> None:
    channel = stage.slack.workspace.direct_channel(BOB).id
    ts = await stage.slack.people.say(BOB, channel, "write first.txt yes")
    await stage.card_with(ts, "repository", channel=channel)
    await stage.slack.people.say(BOB, channel, "in acme/own.\nwrite second.txt yes", thread_ts=ts)
    card = await stage.card_with(ts, "Ready for your decision", channel=channel)
    assert "2 files" in shown(card)


async def test_a_corrected_word_in_a_finished_request_starts_nothing(stage: Stage) -> None:
    ts = await stage.mention("text an anser")
    await stage.card_with(ts, "Answered")
    await stage.slack.people.edit(ALICE, INCIDENTS, ts, "@pitcrew text an answer")
    later = await stage.mention("text something else")
    await stage.card_with(later, "Answered")
    assert len([card for card in stage.cards() if card.thread_ts == ts]) == 1
