"""What the demo agent makes of the bot's different prompts."""

from pathlib import Path

import pytest

from slackbot.agents.demo.reply import ABILITIES, CHECK_FAILED, CONFLICT, NO_AI, reply
from slackbot.core.agent import PlanStep


class Recorder:
    """A voice that remembers what it said."""

    def __init__(self) -> None:
        self.said = ""

    async def text(self, text: str) -> None:
        self.said += text

    async def plan(self, steps: tuple[PlanStep, ...]) -> None:
        assert steps

    async def step(self, title: str, kind: str) -> None:
        assert title


REQUEST = "<request>\nappend a.txt: one\n</request>\n"
FEEDBACK = '<feedback attempt="1" by="Ada">\nappend a.txt: two\n</feedback>\n'
STEER = '<messages>\n<message author="A" at="x" bot="no" for_you="yes">\nappend a.txt: three\n</message>\n</messages>\n'


@pytest.mark.parametrize(
    ("prompt", "answer", "text"),
    [
        (REQUEST, "Added to a.txt.", "one\n"),
        (FEEDBACK + REQUEST, "Added to a.txt.\nAdded to a.txt.", "one\ntwo\n"),
        (STEER, "Added to a.txt.", "three\n"),
        (REQUEST + STEER, "Added to a.txt.", "three\n"),
        ("<check_output>\nFAILED\n</check_output>\n", CHECK_FAILED, None),
        (REQUEST + "<check_output>\nFAILED\n</check_output>\n", CHECK_FAILED, None),
        ("<files>\n- a.txt\n</files>\n" + REQUEST, CONFLICT, None),
        ("<request>\nbe nice\n</request>", ABILITIES, None),
        ("<request>\nsay 42\n</request>", "42", None),
    ],
)
async def test_every_kind_of_prompt_has_its_answer(tmp_path: Path, prompt: str, answer: str, text: str | None) -> None:
    voice = Recorder()
    await reply(prompt, tmp_path, voice)
    assert voice.said == f"{NO_AI}\n\n{answer}"
    written = tmp_path / "a.txt"
    assert (written.read_text() if written.exists() else None) == text
