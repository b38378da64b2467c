"""The bot is killed, people go on by hand, and the bot comes back: what happened meanwhile is found and closed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.model import Message
from tests.fakes.origin import git
from tests.stage import ALICE, BOB, INCIDENTS, REPO, Stage, staged

OPEN = "Ready for your decision"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        stage.add_repo(REPO)
        stage.configure()
        await stage.start_bot()
        yield stage


async def test_what_was_done_by_hand_is_taken_over(stage: Stage) -> None:
    merged, closed, unbranched, cardless = [
        await stage.mention(f"write {name}.txt yes") for name in ("merged", "closed", "unbranched", "cardless")
    ]
    was_merged, was_closed, was_unbranched, was_cardless = [
        await stage.card_with(ts, OPEN) for ts in (merged, closed, unbranched, cardless)
    ]
    await stage.kill_bot()
    merge_by_hand(stage, was_merged)
    close_by_hand(stage, was_closed)
    delete_branch(stage, was_unbranched)
    stage.slack.workspace.delete(INCIDENTS, was_cardless.ts)

    await stage.start_bot()
    await stage.card_with(merged, "merged by hand")
    await stage.card_with(closed, "closed by hand")
    assert (await stage.card_with(cardless, OPEN)).ts != was_cardless.ts
    await stage.until(lambda: len(stage.branches_of(was_unbranched)) == 1)
    for card in (was_merged, was_closed):
        await stage.until(lambda card=card: not (stage.branches_of(card) or stage.workspaces(card)))
    assert stage.landed("merged.txt") == "yes"
    assert stage.landings() == 1
    assert len(stage.cards()) == 4


async def test_what_was_said_is_heard(stage: Stage) -> None:
    steered = await stage.mention("write steered.txt yes")
    card = await stage.card_with(steered, OPEN)
    alert = stage.slack.workspace.post_as_bot("Pager", INCIDENTS, "Checkout hangs")
    direct = stage.slack.workspace.direct_channel(ALICE).id
    asked = await stage.slack.people.say(ALICE, direct, "help")
    await stage.thread_with(asked, "Tell me what to do", channel=direct)
    await stage.kill_bot()

    events = stage.slack.subscriptions
    stage.slack.subscriptions = frozenset()  # Slack has given up sending by the time the bot is back
    new = await stage.mention("write new.txt yes")
    await stage.mention("write alert.txt yes", thread=alert)
    await stage.mention("and\nwrite more.txt yes", thread=steered)
    told = await stage.slack.people.say(ALICE, direct, f"in {REPO}\nwrite direct.txt yes")
    stage.slack.subscriptions = events

    await stage.start_bot()
    await stage.card_with(new, OPEN)
    await stage.card_with(alert, OPEN)
    await stage.card_with(told, OPEN, channel=direct)
    await stage.click(BOB, await stage.offered_again(card), "approve")
    await stage.card_with(steered, "Landed")
    assert stage.landed("more.txt") == "yes"

    await stage.kill_bot()
    await stage.start_bot()  # what was heard is not heard again
    await stage.until(lambda: stage.log.read_text().count("while_away_ended") == 2)
    assert len(stage.cards()) == 3
    assert len(stage.cards(direct)) == 1


def merge_by_hand(stage: Stage, card: Message) -> None:
    origin = stage.origins[REPO]
    (branch,) = stage.branches_of(card)
    tree = git("merge-tree", "--write-tree", "main", branch, cwd=origin.path)
    merge = git("commit-tree", tree, "-p", "main", "-p", branch, "-m", "by hand", cwd=origin.path)
    git("update-ref", "refs/heads/main", merge, cwd=origin.path)


def close_by_hand(stage: Stage, card: Message) -> None:
    (branch,) = stage.branches_of(card)
    record = stage.folder / "data/pulls" / REPO.replace("/", "+") / f"{branch.replace('/', '+')}.json"
    facts = json.loads(record.read_text())
    facts["pull_request"]["state"] = "closed"
    record.write_text(json.dumps(facts))


def delete_branch(stage: Stage, card: Message) -> None:
    (branch,) = stage.branches_of(card)
    git("update-ref", "-d", f"refs/heads/{branch}", cwd=stage.origins[REPO].path)
