"""The bot dies at every step of a task's life, and each story still comes to its one good end."""

import ast
from functools import partial
from pathlib import Path

import pytest

import slackbot.flows
from tests.chaos import stories
from tests.chaos.nurse import survives
from tests.chaos.people import ready
from tests.stage import GENERAL, Stage, shown

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]
SIGKILLED = -9

# Each step with the story that comes by there.
STEPS = {
    "read": stories.landed_after_rework,
    "place": stories.landed_after_rework,
    "first_card": stories.landed_after_rework,
    "begin": stories.landed_after_rework,
    "prepare": stories.landed_after_rework,
    "number_turn": stories.landed_after_rework,
    "run": stories.landed_after_rework,
    "take": stories.landed_after_rework,
    "instructions_wait": stories.landed_after_rework,
    "check": stories.landed_after_rework,
    "publish": stories.landed_after_rework,
    "offer": stories.landed_after_rework,
    "answer_click": stories.landed_after_rework,
    "answer_feedback": stories.landed_after_rework,
    "mark_handled": stories.landed_after_rework,
    "throw_away": stories.landed_after_rework,
    "land": stories.landed_after_rework,
    "tidy_up": stories.landed_after_rework,
    "stands_on_new_base": stories.landed_on_a_moved_base,
    "block": stories.landed_after_a_blocked_landing,
    "fail": stories.landed_after_a_retry,
    "answer": stories.answered,
    "post_answer": stories.answered,
    "is_cancelled": stories.stopped,
    "reply": stories.refused,
}
# At the start of a bot that was away, and the summary's: tests of their own, below.
AWAY = ("where_to_listen", "hear_channel", "hear_thread")
SUMMARY = ("period_end", "settle")
# They only delete what is old, each by one statement or by what the next run repeats.
HOUSEKEEPING = {"tidy_inbox", "tidy_texts", "tidy_diffs", "tidy_flows", "tidy_repos"}
# Where the second time is another thing than the first: the second attempt, the click on Approve, the landing itself.
SECOND = ("begin", "prepare", "run", "publish", "answer_click")
TELLING = ("first_card", "run", "publish", "answer_feedback", "land", "stands_on_new_base")

SWEEP = [(step, moment, 1) for step in STEPS for moment in ("begins", "ended")]
SWEEP += [(step, "ended", 2) for step in SECOND]
SWEEP += [("land", "ended", 2)]

# Due at 00:00 UTC today, and never too late for the rest of the day.
SUMMARY_AT_MIDNIGHT = f"""
[[summaries]]
name = "team"
channel = "{GENERAL}"
at = "00:00"
timezone = "UTC"
days = "mon-sun"
grace_s = 90000
"""


def steps_of_the_flows() -> set[str]:
    """The functions that are decorated as a step, read from the source."""
    return {
        node.name
        for folder in slackbot.flows.__path__
        for path in Path(folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef)
        and any(isinstance(name, ast.Name) and name.id == "step" for name in node.decorator_list)
    }


def test_no_step_is_forgotten_here() -> None:
    assert steps_of_the_flows() - HOUSEKEEPING == {*STEPS, *AWAY, *SUMMARY}


async def _dies_at(stage: Stage, step: str, moment: str, times: int) -> None:
    story = stories.landed_on_a_moved_base if times == 2 and step == "land" else STEPS[step]
    await stage.start_bot("-m", "tests.chaos.bot", step, moment, str(times))
    nurse = await survives(stage, story)
    assert nurse.deaths == [SIGKILLED], f"the bot did not come by at {step} {moment}"


@pytest.mark.parametrize(("step", "moment", "times"), SWEEP, ids=lambda part: str(part))
async def test_killed_at_a_step(stage: Stage, step: str, moment: str, times: int) -> None:
    await _dies_at(stage, step, moment, times)


@pytest.mark.parametrize(("step", "moment"), [(step, moment) for step in AWAY for moment in ("begins", "ended")])
async def test_killed_while_it_hears_what_was_said_without_it(stage: Stage, step: str, moment: str) -> None:
    """Alice speaks to a bot that is down, and it dies once more while it catches up."""
    scene = stories.Scene(stage)
    await stage.start_bot()
    thread = await stage.mention(scene.ask(f"write one-{scene.name}.txt 1"))
    await ready(stage, thread)
    await stage.kill_bot()
    await stage.mention(scene.ask(f"write more-{scene.name}.txt 1"), thread=thread)
    await stage.launch_bot("-m", "tests.chaos.bot", step, moment, "1")
    nurse = await survives(stage, partial(stories.approved_with_more, thread=thread))
    assert nurse.deaths == [SIGKILLED], f"the bot did not come by at {step} {moment}"


@pytest.mark.parametrize(("step", "moment"), [(step, moment) for step in SUMMARY for moment in ("begins", "ended")])
async def test_killed_while_it_posts_the_summary(stage: Stage, step: str, moment: str) -> None:
    stage.configure(SUMMARY_AT_MIDNIGHT)
    await stage.launch_bot("-m", "tests.chaos.bot", step, moment, "1")
    nurse = await survives(stage, stories.answered)
    assert nurse.deaths == [SIGKILLED], f"the bot did not come by at {step} {moment}"
    posted = [message for message in stage.slack.workspace.messages.in_channel(GENERAL) if "Pitcrew" in shown(message)]
    assert len(posted) == 1, stage.slack.transcript(GENERAL)


@pytest.mark.parametrize("backend", ["postgres"])
@pytest.mark.parametrize("step", TELLING)
async def test_killed_at_a_step_on_postgres(stage: Stage, step: str) -> None:
    await _dies_at(stage, step, "ended", 1)
