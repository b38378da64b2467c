"""The channel is archived, the bot removed, its token revoked, its card deleted: another way to tell, work goes on."""

from collections.abc import Callable
from itertools import count

import pytest

from slackbot.core.task import TaskState
from slackbot.playground.workspace import Workspace
from tests.faults.inhouse import InHouse
from tests.faults.story import Story, keys_of
from tests.stage import ALICE, BOB

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

EVERYBODY = (ALICE, BOB)
FOR_LONG = 5_000
_channels = count(1)
Shut = Callable[[Workspace, str], None]


def archived(workspace: Workspace, channel: str) -> None:
    workspace.archive(channel)


def removed(workspace: Workspace, channel: str) -> None:
    workspace.set_members(channel, EVERYBODY)


def opened(workspace: Workspace, channel: str) -> None:
    workspace.archive(channel, False)
    workspace.set_members(channel, (*EVERYBODY, workspace.bot_user_id))


async def begun(place: InHouse, *lines: str) -> Story:
    """A task in a channel of its own whose agent waits for a file called `go`."""
    place.forget()
    stage = place.stage
    channel = f"C0GONE{next(_channels)}"
    stage.slack.workspace.add_channel(channel, channel.lower(), (*EVERYBODY, stage.slack.workspace.bot_user_id))
    story = Story(place, stage.slack.workspace.post_as_bot("Pager", channel, "Checkout hangs"), channel)
    await story.ask(*(line.format(channel=channel) for line in lines), f"await {stage.folder / channel}")
    await story.said("turn 1")
    return story


def go_on(story: Story) -> None:
    (story.stage.folder / story.channel).touch()


def told_directly(story: Story) -> str:
    slack = story.stage.slack
    return slack.transcript(slack.workspace.direct_channel(ALICE).id)


@pytest.mark.parametrize("shut", [archived, removed])
async def test_an_answer_reaches_who_asked_when_the_thread_is_closed(place: InHouse, shut: Shut) -> None:
    story = await begun(place, "text The cache is cold.")
    shut(place.stage.slack.workspace, story.channel)
    go_on(story)
    task = await story.reaches(TaskState.DONE)
    await place.stage.slack.until(lambda: "The cache is cold" in told_directly(story), 20)
    assert task.note == ""


@pytest.mark.parametrize("shut", [archived, removed])
async def test_a_change_waits_until_the_channel_is_open_again(place: InHouse, shut: Shut) -> None:
    workspace = place.stage.slack.workspace
    story = await begun(place, "write {channel}.txt 1")
    shut(workspace, story.channel)
    go_on(story)
    task = await story.reaches(TaskState.AWAITING_APPROVAL)
    said = f"for {task.label} ("
    await place.stage.slack.until(lambda: said in told_directly(story), 20)
    opened(workspace, story.channel)
    await place.stage.mention("write more.txt 1", thread=story.thread, channel=story.channel)
    await story.said("Ready for your decision")
    await story.approve()
    assert max(keys_of(place.stage.slack.workspace).values()) == 1


async def test_a_revoked_token_is_no_reason_to_stop_working(place: InHouse) -> None:
    story = await begun(place, "write revoked.txt 1")
    place.stage.slack.faults.error("*", "token_revoked", FOR_LONG)
    go_on(story)
    await story.reaches(TaskState.AWAITING_APPROVAL)
    place.forget()
    await story.said("Ready for your decision")
    await story.approve()
    assert max(keys_of(place.stage.slack.workspace).values()) == 1


async def test_an_answer_that_a_revoked_token_held_back_is_posted_later(place: InHouse) -> None:
    story = await begun(place, "text The token is new.")
    slack, before = place.stage.slack, len(place.stage.slack.calls("chat.postMessage"))
    slack.faults.error("*", "token_revoked", FOR_LONG)
    go_on(story)
    await story.reaches(TaskState.DONE)
    await slack.until(lambda: len(slack.calls("chat.postMessage")) > before, 20)
    place.forget()
    await story.answered()
    assert max(keys_of(place.stage.slack.workspace).values()) == 1


async def test_a_deleted_card_is_posted_anew_once(place: InHouse) -> None:
    story = await begun(place, "write deleted.txt 1")
    place.stage.slack.workspace.messages.remove(story.cards()[0])
    go_on(story)
    await story.said("Ready for your decision")
    assert len(story.cards()) == 1
    await story.approve()
