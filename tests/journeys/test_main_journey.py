"""The main journey, told on one page: an alert, a mention, a rework, an approval, and it is landed."""

import pytest

from tests.stage import ALICE, BOB, INCIDENTS, Stage, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_page_becomes_a_landed_fix(stage: Stage) -> None:
    landings = stage.landings()

    # An alert bot posts into #incidents, and Alice, on call, mentions the bot in its thread.
    alert = stage.slack.workspace.post_as_bot(
        "Pager", INCIDENTS, "Checkout hangs", attachments=[{"title": "p99 over 30 s", "text": "payments client"}]
    )
    await stage.mention("fix this page\nwrite timeout.txt 30 s\nprompt seen.txt", thread=alert)

    # One card answers; the agent works; people are asked to decide.
    card = await stage.card_with(alert, "Ready for your decision")
    assert "attempt 1" in shown(card)

    # Bob looks at it and sends it back with what he knows.
    await stage.rework(BOB, card, "30 s without a retry is too fragile\nwrite retries.txt one")
    await stage.card_with(alert, "attempt 2")
    card = await stage.card_with(alert, "Ready for your decision")

    # Alice asked for it, so she may not approve it; Bob may. A second click changes nothing.
    await stage.click(ALICE, card, "approve")
    await stage.thread_with(alert, "another person approves it")
    await stage.click(BOB, card, "approve")
    await stage.card_with(alert, "Landed")
    await stage.late_click(BOB, card, "approve")
    await stage.thread_with(alert, "You decided already")

    # It landed once, with one card, and left nothing behind; the agent had read the alert and the feedback.
    await stage.until(lambda: not stage.branches_of(card))
    assert stage.landed("timeout.txt") == "30 s"
    assert stage.landed("retries.txt") == "one"
    assert stage.landings() == landings + 1
    assert len([message for message in stage.cards() if message.thread_ts == alert]) == 1
    prompt = stage.landed("seen.txt")
    assert "p99 over 30 s" in prompt
    assert "too fragile" in prompt
