"""What people do and see while the bot dies under them: each story begins with a message and ends with its outcome.

A story returns when its task has ended; what must hold then for every story is in `order.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.people import PATIENCE_S, card_that_says, cards_in, click, ready, rework
from tests.stage import INCIDENTS, REPO, Stage, shown

USAGE = "Tell me what to do"


@dataclass(frozen=True)
class Scene:
    """A story's place: its files carry its name, so that stories do not meet."""

    stage: Stage
    name: str = "story"
    repo: str = REPO

    def ask(self, *lines: str) -> str:
        """The words of a request: which repository, and the instructions for the scripted agent."""
        return "\n".join((f"in {self.repo} please", *lines))

    def landed(self, name: str) -> str:
        return self.stage.landed(f"{name}-{self.name}.txt", self.repo)

    def landings(self) -> int:
        """How often this story's change came into the default branch."""
        return sum(self.name in subject for subject in self.stage.origins[self.repo].subjects())


Story = Callable[[Scene], Awaitable[str]]


def alert(scene: Scene) -> str:
    """A monitor's post; what it says is an instruction as well, so that what landed tells whether it was read."""
    facts = {"title": "p99 over 30 s", "text": f"write alert-{scene.name}.txt read"}
    return scene.stage.slack.workspace.post_as_bot("Pager", INCIDENTS, "Checkout hangs", attachments=[facts])


async def landed_after_rework(scene: Scene) -> str:
    """Mention in an alert's thread, rework, approve: landed once, with what both attempts were told."""
    stage, thread = scene.stage, alert(scene)
    await stage.mention(scene.ask(f"write one-{scene.name}.txt 1"), thread=thread)
    await ready(stage, thread)
    await rework(stage, thread, f"too fragile\nwrite two-{scene.name}.txt 2")
    await ready(stage, thread, 2)
    await _approve(scene, thread)
    assert scene.landed("two") == "2"
    assert scene.landed("alert") == "read"
    return thread


async def landed_on_a_moved_base(scene: Scene) -> str:
    """The default branch moves between the offer and the approval."""
    stage = scene.stage
    thread = await stage.mention(scene.ask(f"write one-{scene.name}.txt 1"))
    await ready(stage, thread)
    stage.origins[scene.repo].commit({f"theirs-{scene.name}.txt": "theirs\n"})
    await _approve(scene, thread)
    assert scene.landed("theirs") == "theirs"
    return thread


async def landed_at_once(scene: Scene) -> str:
    thread = await scene.stage.mention(scene.ask(f"write one-{scene.name}.txt 1"))
    await ready(scene.stage, thread)
    await _approve(scene, thread)
    return thread


async def _approve(scene: Scene, thread: str) -> None:
    await click(scene.stage, thread, "approve")
    await card_that_says(scene.stage, thread, "Landed")
    assert scene.landed("one") == "1"
    assert scene.landings() == 1, scene.stage.origins[scene.repo].subjects()


async def approved_with_more(scene: Scene, thread: str) -> str:
    """What was said while the bot was away became a further turn of the attempt that waited for a decision."""
    await card_that_says(scene.stage, thread, "2 files", "Ready for your decision")
    await _approve(scene, thread)
    assert scene.landed("more") == "1"
    return thread


async def landed_after_a_blocked_landing(scene: Scene) -> str:
    """The origin refuses the push once: people are asked, click again, and it lands."""
    stage = scene.stage
    thread = await stage.mention(scene.ask(f"write one-{scene.name}.txt 1"))
    await ready(stage, thread)
    in_the_way = stage.origins[scene.repo].path / "refs/heads/main.lock"
    in_the_way.touch()
    await click(stage, thread, "approve")
    await card_that_says(stage, thread, "Nothing was landed")
    in_the_way.unlink()
    await _approve(scene, thread)
    return thread


async def landed_after_a_retry(scene: Scene) -> str:
    """The agent dies, the task fails, somebody clicks Retry."""
    stage = scene.stage
    go = f"go-{scene.name}.txt"
    thread = await stage.mention(scene.ask(f"exit-unless {go}", f"write one-{scene.name}.txt 1"))
    await card_that_says(stage, thread, "Failed")
    stage.origins[scene.repo].commit({go: "go\n"})
    await click(stage, thread, "retry")
    await ready(stage, thread, 2)
    await _approve(scene, thread)
    return thread


async def answered(scene: Scene) -> str:
    """A question: one answer in the thread, nothing changed."""
    stage = scene.stage
    thread = await stage.mention(scene.ask(f"text The cache of {scene.name} is cold."))
    await card_that_says(stage, thread, "Answered")
    await _told_once(stage, thread, "is cold")
    assert scene.landings() == 0
    return thread


async def stopped(scene: Scene) -> str:
    """Somebody stops the task while its agent works."""
    stage = scene.stage
    gate = stage.folder / f"gate-{scene.name}"
    thread = await stage.mention(scene.ask(f"await {gate}"))
    await card_that_says(stage, thread, "turn 1")
    await click(stage, thread, "stop")
    await card_that_says(stage, thread, "Stopped")
    gate.touch()  # whoever reads this request again, as an earlier task's, need not wait
    return thread


async def refused(scene: Scene) -> str:
    """Words that are no work: one answer, no card."""
    stage = scene.stage
    thread = await stage.mention("help")
    await stage.thread_with(thread, USAGE, timeout_s=PATIENCE_S)
    return thread


async def mentioned_again(scene: Scene, thread: str) -> None:
    """After the end the thread still works: a new task with a card of its own."""
    stage, before = scene.stage, len(cards_in(scene.stage, thread))
    await stage.mention(scene.ask(f"text Still here, {scene.name}."), thread=thread)
    await stage.slack.until(lambda: len(cards_in(stage, thread)) > before, PATIENCE_S)
    await card_that_says(stage, thread, "Answered")
    await _told_once(stage, thread, "Still here")
    assert _times_told(stage, thread, USAGE) <= 1, stage.slack.transcript(INCIDENTS, thread)


async def _told_once(stage: Stage, thread: str, text: str) -> None:
    """Wait for an answer; whether a second one follows is seen at the end of the story."""
    await stage.slack.until(lambda: _times_told(stage, thread, text) > 0, PATIENCE_S)
    assert _times_told(stage, thread, text) == 1, stage.slack.transcript(INCIDENTS, thread)


def _times_told(stage: Stage, thread: str, text: str) -> int:
    """How many messages of the bot, cards aside, say this."""
    cards, bot = {card.ts for card in stage.cards()}, stage.slack.workspace.bot_user_id
    said = [message for message in stage.slack.thread(INCIDENTS, thread) if message.user == bot]
    return sum(text in shown(message) for message in said if message.ts not in cards)
