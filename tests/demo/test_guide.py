"""What the guide says at each point of the story, read from cards as the bot draws them."""

import pytest

from slackbot.chat.cards import draw
from slackbot.core.card import Card
from slackbot.core.task import TaskState
from slackbot.demo.guide import DemoGuide
from slackbot.demo.scene import ALICE, BOB, INCIDENTS, set_the_scene
from slackbot.demo.story import FEEDBACK, REQUEST, Standing, Story
from slackbot.playground.model import Draft
from tests.chat import samples


@pytest.fixture
def story() -> Story:
    return Story(set_the_scene())


def post(story: Story, by: str, text: str, **more: object) -> None:
    draft = Draft(channel=INCIDENTS, user=by, thread_ts=story.scene.alert_ts, text=text)
    story.scene.workspace.post(draft.model_copy(update=more))


def show(story: Story, card: Card) -> None:
    drawn = draw(card)
    metadata = {"event_type": "pitcrew", "event_payload": {"key": "card:T1:x"}}
    post(story, story.scene.workspace.bot_user_id, drawn.text, blocks=tuple(drawn.blocks), metadata=metadata)


def a_card(state: TaskState, attempt: int, **facts: object) -> Card:
    return samples.a_card(task=samples.a_task(state, attempt=attempt), decisions=(), **facts)


def test_the_first_step_has_the_message_written_in_the_alerts_thread(story: Story) -> None:
    guide = DemoGuide(story, "09:00", "bot.log")()
    assert (guide.step, guide.of) == (1, 6)
    assert guide.suggestion and guide.suggestion.text == REQUEST
    assert guide.suggestion.at and guide.suggestion.at.thread_ts == story.scene.alert_ts


@pytest.mark.parametrize(
    ("state", "attempt", "step", "title"),
    [
        (TaskState.QUEUED, 1, 2, "Watch the card"),
        (TaskState.RUNNING, 1, 2, "Watch the card"),
        (TaskState.AWAITING_APPROVAL, 1, 3, "Read the diff, send it back"),
        (TaskState.QUEUED, 2, 4, "From scratch, wiser"),
        (TaskState.RUNNING, 2, 4, "From scratch, wiser"),
        (TaskState.AWAITING_APPROVAL, 2, 5, "Approve as Bob"),
        (TaskState.AWAITING_APPROVAL, 3, 5, "Approve as Bob"),
        (TaskState.LANDING, 2, 6, "On its way"),
        (TaskState.FAILED, 1, 6, "It ended otherwise"),
        (TaskState.CANCELLED, 1, 6, "It ended otherwise"),
        (TaskState.BLOCKED, 2, 6, "It ended otherwise"),
        (TaskState.DONE, 1, 6, "It ended otherwise"),
    ],
)
def test_each_standing_has_its_step(story: Story, state: TaskState, attempt: int, step: int, title: str) -> None:
    post(story, ALICE, f"<@{story.scene.workspace.bot_user_id}> fix this page")
    show(story, a_card(state, attempt))
    guide = DemoGuide(story, "09:00", "bot.log")()
    assert (guide.step, guide.title) == (step, title)


def test_a_mention_without_a_card_is_already_the_second_step(story: Story) -> None:
    post(story, ALICE, f"<@{story.scene.workspace.bot_user_id}> fix this page")
    assert story.standing() is Standing.ASKED and DemoGuide(story, "09:00", "bot.log")().step == 2


def test_what_helps_is_offered_where_it_helps(story: Story) -> None:
    show(story, a_card(TaskState.AWAITING_APPROVAL, 1))
    reading = DemoGuide(story, "09:00", "bot.log")()
    assert reading.suggestion and reading.suggestion.text == FEEDBACK and reading.suggestion.at is None
    show(story, a_card(TaskState.AWAITING_APPROVAL, 2))
    assert DemoGuide(story, "09:00", "bot.log")().act_as == BOB


def test_the_end_says_what_was_seen_and_how_to_go_on(story: Story) -> None:
    show(story, samples.landed())
    guide = DemoGuide(story, "09:41", "bot.log")()
    assert guide.done and guide.title == "What you just saw"
    assert (
        "the timeout, the retry and" in guide.text
        and "09:41 UTC" in guide.text
        and "slackbot manifest" in guide.text
        and "make run" in guide.text
    )


def test_the_cards_diff_link_and_buttons_are_found(story: Story) -> None:
    [line] = samples.awaiting_approval().changes
    linked = line.model_copy(update={"diff_url": "https://bot.example/tasks/T42/2/diff/shop/checkout"})
    show(story, samples.awaiting_approval().model_copy(update={"changes": (linked,)}))
    assert story.diff_url() == "https://bot.example/tasks/T42/2/diff/shop/checkout"
    assert story.attempt() == 2 and story.button("approve") and story.button("retry") is None
