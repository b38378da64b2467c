"""The bot dies between two steps' edges: in the agent's turn, in a check, in a push, between a post and its record."""

from pathlib import Path

import pytest

from tests.chaos import stories
from tests.chaos.nurse import survives
from tests.chaos.order import processes_of, settles
from tests.chaos.people import PATIENCE_S, card_that_says, cards_in, click, ready
from tests.chaos.stories import Scene
from tests.fakes.processes import lives
from tests.stage import Stage

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]
BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgres"])

# A check that waits for its gate, tells that it began, and leaves a process of its own behind.
GATED_CHECK = "touch {folder}/checking; while [ ! -e {folder}/gate ]; do sleep 0.02; done"
# The origin's hook: whoever pushes this branch dies when the push is done and before it can be noted.
DEADLY_HOOK = """#!/bin/sh
while read old new ref; do
  case $ref in {refs}) [ -e {folder}/armed ] && rm {folder}/armed && kill -9 $(cat {folder}/bot.pid) ;; esac
done
"""


async def _killed(stage: Stage) -> None:
    await stage.kill_bot()
    await stage.until(lambda: not processes_of(stage), 5)


async def _ends_well(stage: Stage, scene: Scene, thread: str, attempt: int = 1) -> None:
    await ready(stage, thread, attempt)
    await click(stage, thread, "approve")
    await card_that_says(stage, thread, "Landed")
    assert scene.landings() == 1
    await settles(stage)


@BOTH
async def test_killed_in_the_middle_of_a_turn(stage: Stage) -> None:
    """The agent and what it started end with the bot; the turn begins again where it had begun."""
    scene, gate = Scene(stage), stage.folder / "gate"
    await stage.start_bot()
    thread = await stage.mention(scene.ask("append one-story.txt 1", "spawn child-story.pid", f"await {gate}"))
    child = await stage.pid_in("child-story.pid")
    await _killed(stage)
    assert not lives(child)
    gate.touch()
    await stage.start_bot()
    await _ends_well(stage, scene, thread)
    assert scene.landed("one") == "1"


@BOTH
async def test_killed_in_the_middle_of_a_check(stage: Stage) -> None:
    stage.add_repo("acme/gated", check=GATED_CHECK.format(folder=stage.folder))
    stage.configure()
    scene = Scene(stage, repo="acme/gated")
    await stage.start_bot()
    thread = await stage.mention(scene.ask("write one-story.txt 1"))
    await stage.until((stage.folder / "checking").exists, PATIENCE_S)
    await _killed(stage)
    (stage.folder / "gate").touch()
    await stage.start_bot()
    await _ends_well(stage, scene, thread)


@BOTH
@pytest.mark.parametrize("fault", ["delay", "hang", "lose_reply"])
async def test_killed_between_the_post_of_the_card_and_its_record(stage: Stage, fault: str) -> None:
    """Posted and not known, not posted and not known, posted and about to be looked up: one card in the end."""
    scene = Scene(stage)
    await stage.start_bot()
    match fault:
        case "delay":
            stage.slack.faults.delay("chat.postMessage", 30)
        case "hang":
            stage.slack.faults.hang("chat.postMessage")
        case _:
            stage.slack.faults.lose_reply("chat.postMessage")
    thread = await stage.mention(scene.ask("write one-story.txt 1"))
    await stage.slack.until(lambda: stage.slack.calls("chat.postMessage"), PATIENCE_S)
    assert len(cards_in(stage, thread)) == (fault != "hang")
    await stage.kill_bot()
    await stage.start_bot()
    await _ends_well(stage, scene, thread)


@pytest.mark.parametrize("refs", ["refs/heads/main", "refs/heads/pitcrew/*"])
@BOTH
async def test_killed_between_a_push_and_its_record(stage: Stage, refs: str) -> None:
    """The origin has the commit, the database does not know it: what is there is adopted."""
    _arm(stage, refs)
    await stage.start_bot()
    assert stage.bot is not None
    (stage.folder / "bot.pid").write_text(str(stage.bot.pid))
    nurse = await survives(stage, stories.landed_at_once)
    assert nurse.deaths == [-9], "the hook did not kill the bot"


def _arm(stage: Stage, refs: str) -> None:
    hook: Path = stage.origins[Scene(stage).repo].path / "hooks" / "post-receive"
    hook.parent.mkdir()
    hook.write_text(DEADLY_HOOK.format(refs=refs, folder=stage.folder))
    hook.chmod(0o755)
    (stage.folder / "armed").touch()


async def test_killed_again_and_again_at_its_start(stage: Stage) -> None:
    """Five starts that each die before the first one could finish anything."""
    scene = Scene(stage)
    await stage.start_bot()
    thread = await stage.mention(scene.ask("write one-story.txt 1"))
    for _ in range(5):
        await stage.kill_bot()
        await stage.start_bot()
    await _ends_well(stage, scene, thread)


@BOTH
async def test_sigterm_ends_the_bot_while_an_agent_works_and_the_turn_goes_on_at_the_next_start(stage: Stage) -> None:
    scene, gate = Scene(stage), stage.folder / "gate"
    await stage.start_bot()
    thread = await stage.mention(scene.ask("append one-story.txt 1", "spawn child-story.pid", f"await {gate}"))
    child = await stage.pid_in("child-story.pid")
    assert await stage.stop_bot(timeout_s=20) == 0
    assert not lives(child)
    assert processes_of(stage) == []
    gate.touch()
    await stage.start_bot()
    await _ends_well(stage, scene, thread)
    assert scene.landed("one") == "1"
