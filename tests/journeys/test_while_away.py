"""The bot is killed, people go on by hand, and the bot comes back: what happened meanwhile is found and closed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from slackbot.playground.model import Message
from tests.fakes.origin import git
from tests.stage import ALICE, BOB, INCIDENTS, REPO, Stage, staged

OPEN = "Ready for your decision"


pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        stage.add_repo(REPO)
        stage.configure()
        await stage.start_bot()
        yield stage


async def test_what_was_done_and_said_while_the_bot_was_away_is_found(stage: Stage) -> None:
    merged, closed, unbranched, cardless, steered = [
        await stage.mention(f"write {name}.txt yes")
        for name in ("merged", "closed", "unbranched", "cardless", "steered")
    ]
    was = {ts: await stage.card_with(ts, OPEN) for ts in (merged, closed, unbranched, cardless, steered)}
    alert = stage.slack.workspace.post_as_bot("Pager", INCIDENTS, "Checkout hangs")
    direct = stage.slack.workspace.direct_channel(ALICE).id
    asked = await stage.slack.people.say(ALICE, direct, "help")
    await stage.thread_with(asked, "Tell me what to do", channel=direct)
    await stage.kill_bot()

    merge_by_hand(stage, was[merged])
    close_by_hand(stage, was[closed])
    delete_branch(stage, was[unbranched])
    stage.slack.workspace.delete(INCIDENTS, was[cardless].ts)
    stage.slack.subscriptions, events = frozenset(), stage.slack.subscriptions  # Slack has given up sending
    new = await stage.mention("write new.txt yes")
    await stage.mention("write alert.txt yes", thread=alert)
    await stage.mention("and\nwrite more.txt yes", thread=steered)
    told = await stage.slack.people.say(ALICE, direct, f"in {REPO}\nwrite direct.txt yes")
    stage.slack.subscriptions = events

    await stage.start_bot()
    await stage.card_with(merged, "merged by hand")
    await stage.card_with(closed, "closed by hand")
    await stage.until(lambda: len(stage.branches_of(was[unbranched])) == 1)
    assert (await stage.card_with(cardless, OPEN)).ts != was[cardless].ts
    for ts, channel in ((new, INCIDENTS), (alert, INCIDENTS), (told, direct)):
        await stage.card_with(ts, OPEN, channel=channel)
    await stage.click(BOB, await stage.offered_again(was[steered]), "approve")
    await stage.card_with(steered, "Landed")

    for ts in (merged, closed):
        await stage.until(lambda card=was[ts]: not (stage.branches_of(card) or stage.workspaces(card)))
    assert [stage.landed(name) for name in ("merged.txt", "more.txt")] == ["yes", "yes"]
    assert (len(stage.cards()), len(stage.cards(direct))) == (7, 1)
    assert len(stage.origins[REPO].subjects()) == 3  # its first commit, the merge by hand, ours


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
