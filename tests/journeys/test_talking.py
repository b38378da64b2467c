"""What people say: steering, context, direct messages, and everything that deserves an answer without a task."""

import pytest

from tests.stage import ALICE, BOB, GENERAL, GUEST, INCIDENTS, Stage, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_question_is_answered_in_the_thread_without_a_change(stage: Stage) -> None:
    ts = await stage.mention("why is it slow?\ntext Because of <!channel> the cache.")
    await stage.card_with(ts, "Answered")
    await stage.thread_with(ts, "Because of <!channel> the cache.")
    assert all(not message.pings for message in stage.slack.thread(INCIDENTS, ts) if message.bot_id)


async def test_a_mention_while_the_agent_works_becomes_its_next_turn(stage: Stage) -> None:
    ts = await stage.mention(f"slow work\nwrite slow.txt yes\nawait {stage.folder}/gate")
    await stage.card_with(ts, "turn 1")
    await stage.mention("also this\nwrite also.txt yes", by=BOB, thread=ts)
    await stage.thread_with(ts, "next turn")
    (stage.folder / "gate").touch()
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.click(BOB, card, "approve")
    await stage.thread_with(ts, "steered it")


async def test_a_mention_after_the_offer_takes_the_buttons_away_until_the_turn_is_done(stage: Stage) -> None:
    ts = await stage.mention("write one.txt 1")
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.mention("and\nwrite two.txt 2", thread=ts)
    await stage.card_with(ts, "2 files")
    await stage.card_with(ts, "Ready for your decision")
    await stage.late_click(BOB, card, "approve")
    await stage.thread_with(ts, "That button is from before")
    card = await stage.card_with(ts, "Ready for your decision")
    await stage.click(BOB, card, "approve")
    await stage.card_with(ts, "Landed")
    assert stage.landed("two.txt") == "2"


async def test_a_task_in_a_channel_without_repository_offers_a_picker(stage: Stage) -> None:
    ts = await stage.mention("write picked.txt yes", channel=GENERAL)
    card = await stage.card_with(ts, "repository", channel=GENERAL)
    value = f'{{"task": {_task(shown(card))}, "attempt": 1, "repo": "acme/own"}}'
    await stage.slack.people.click(ALICE, GENERAL, card.ts, "repository", value=value)
    card = await stage.card_with(ts, "Ready for your decision", channel=GENERAL)
    await stage.click(ALICE, card, "approve")
    await stage.card_with(ts, "Landed", channel=GENERAL)
    assert stage.landed("picked.txt", "acme/own") == "yes"


async def test_a_repository_named_in_the_text_wins(stage: Stage) -> None:
    ts = await stage.mention("in acme/own please\nwrite named.txt yes")
    assert "acme/own" in shown(await stage.card_with(ts, "Ready for your decision"))


async def test_a_direct_message_needs_no_mention(stage: Stage) -> None:
    channel = stage.slack.workspace.direct_channel(ALICE).id
    ts = await stage.slack.people.say(ALICE, channel, "in acme/own\nwrite direct.txt yes")
    await stage.card_with(ts, "Ready for your decision", channel=channel)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "Tell me what to do"),
        ("help", "Tell me what to do"),
        ("repo:acme/nothing fix it", "I do not know the repository"),
    ],
)
async def test_words_that_are_no_work_get_an_answer(stage: Stage, text: str, answer: str) -> None:
    ts = await stage.mention(text)
    await stage.thread_with(ts, answer)
    assert stage.card(ts) is None


async def test_only_an_image_is_answered_with_a_next_step(stage: Stage) -> None:
    ts = await stage.slack.people.say(ALICE, INCIDENTS, "@pitcrew", files=("graph.png",))
    await stage.thread_with(ts, "I read words, not files")


async def test_a_guest_is_told_who_can_start_work(stage: Stage) -> None:
    ts = await stage.mention("write guest.txt x", by=GUEST)
    await stage.thread_with(ts, "only full members")
    assert stage.card(ts) is None


async def test_forty_thousand_characters_are_a_task_with_a_short_card(stage: Stage) -> None:
    ts = await stage.mention("write long.txt yes\n" + "x" * 39_000)
    card = await stage.card_with(ts, "Ready for your decision")
    assert len(shown(card)) < 2_000


async def test_a_mention_and_its_message_event_make_one_task(stage: Stage) -> None:
    stage.slack.faults.duplicate_deliveries(2, copies=3)
    ts = await stage.mention("text once")
    await stage.card_with(ts, "Answered")
    assert len([card for card in stage.cards() if card.thread_ts == ts]) == 1


async def test_a_new_mention_after_the_end_is_a_new_task_that_knows_the_old_one(stage: Stage) -> None:
    ts = await stage.mention("text first answer")
    first = await stage.card_with(ts, "Answered")
    await stage.mention("prompt second.txt", thread=ts)
    await stage.slack.until(lambda: len([card for card in stage.cards() if card.thread_ts == ts]) == 2)
    card = next(card for card in stage.cards() if card.thread_ts == ts and card.ts != first.ts)

    def ready() -> bool:
        return "Ready for your decision" in shown(stage.slack.workspace.messages.get(INCIDENTS, card.ts))

    await stage.slack.until(ready, 30)
    await stage.click(BOB, stage.slack.workspace.messages.get(INCIDENTS, card.ts), "approve")
    await stage.slack.until(lambda: "Landed" in shown(stage.slack.workspace.messages.get(INCIDENTS, card.ts)), 30)
    assert "earlier_task" in stage.landed("second.txt")


def _task(card: str) -> int:
    return int(card.split(" · T")[1].split(" ")[0])


async def test_an_admin_pauses_new_attempts_and_lets_them_go_on(stage: Stage) -> None:
    refused = await stage.mention("pause", by=BOB)
    await stage.thread_with(refused, "Only the admins")
    await stage.thread_with(await stage.mention("pause"), "Paused.")
    ts = await stage.mention("write paused.txt yes")
    await stage.card_with(ts, "Paused")
    await stage.thread_with(await stage.mention("resume"), "Going on")
    await stage.card_with(ts, "Ready for your decision")
