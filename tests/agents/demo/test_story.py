"""The demo's story against the repository that the demo really has: its check fails, and passes after each repair."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import slackbot.playground
from slackbot.agents.demo.hearing import Heard
from slackbot.agents.demo.story import CHECK, CLIENT, FIRST, LESSONS, SECOND, Repair, play, repair_for, repaired
from slackbot.core.agent import PlanStep

TEMPLATE = Path(slackbot.playground.__file__).parent / "story" / "repository"


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    return shutil.copytree(TEMPLATE, tmp_path / "payments", ignore=shutil.ignore_patterns("__pycache__"))


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *CHECK.split()[1:]]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=20)


class Silent:
    """A voice that nobody hears; it remembers the plan."""

    def __init__(self) -> None:
        self.plans: list[tuple[PlanStep, ...]] = []

    async def plan(self, steps: tuple[PlanStep, ...]) -> None:
        self.plans.append(steps)

    async def step(self, title: str, kind: str) -> None:
        assert title


def test_the_check_fails_before_the_repair_because_of_the_missing_timeout(payments: Path) -> None:
    done = check(payments)
    assert done.returncode != 0
    assert "without a timeout" in done.stderr
    assert "FAILED (failures=1)" in done.stderr


async def test_each_repair_makes_the_check_pass_and_leaves_its_lesson(payments: Path) -> None:
    for repair in (FIRST, SECOND):
        voice, started = Silent(), time.monotonic()
        told = await play(repair, payments, voice)
        assert time.monotonic() - started < 5
        assert told[-1] == f"`{CHECK}` passes."
        assert f"TIMEOUT_S = {repair.timeout_s}\n" in (payments / CLIENT).read_text()
        assert {step.status for step in voice.plans[-1]} == {"completed"}
    lessons = (payments / LESSONS).read_text()
    assert "A charge has an idempotency key" in lessons
    assert FIRST.lesson not in lessons
    assert lessons.endswith(SECOND.lesson)


def test_one_retry_means_two_calls_and_a_refusal_is_not_repeated(payments: Path) -> None:
    source = repaired((payments / CLIENT).read_text(), SECOND)
    assert source.count("urllib.request.urlopen(request, timeout=TIMEOUT_S)") == 2
    assert source.index("except urllib.error.HTTPError:\n        raise") < source.index("except OSError:")


def test_a_repair_may_be_repeated_and_changed_for_the_other() -> None:
    source = (TEMPLATE / CLIENT).read_text()
    first, second = repaired(source, FIRST), repaired(source, SECOND)
    assert repaired(first, FIRST) == repaired(second, FIRST) == first
    assert repaired(second, SECOND) == repaired(first, SECOND) == second
    for changed in (first, second):
        compile(changed, CLIENT, "exec")


def test_a_client_that_somebody_rewrote_gets_a_default_timeout() -> None:
    rewritten = "import http.client\n\n\ndef charge():\n    return http.client.HTTPSConnection('x')\n"
    assert "import socket\n\nsocket.setdefaulttimeout(30)\n" in repaired(rewritten, FIRST)
    assert repaired(repaired(rewritten, FIRST), SECOND).count("setdefaulttimeout(2)") == 1


@pytest.mark.parametrize(
    ("heard", "repair"),
    [
        (Heard(request="fix this page"), FIRST),
        (Heard(request="Please FIX the alert above"), FIRST),
        (Heard(request="fix this page", feedback=("nicer words please",)), FIRST),
        (Heard(request="fix this page", feedback=("30 s is too long for checkout: use 2 s and one retry",)), SECOND),
        (Heard(request="fix this page", feedback=("hm", "needs a retry")), SECOND),
        (Heard(messages=("that is too long, make it shorter",)), SECOND),
        (Heard(messages=("thank you",)), None),
        (Heard(request="fix the typo"), None),
        (Heard(request="what is on this page?"), None),
    ],
)
def test_the_story_is_known_by_its_words(payments: Path, heard: Heard, repair: Repair | None) -> None:
    assert repair_for(heard, payments) == repair


def test_another_repository_has_no_story(tmp_path: Path) -> None:
    assert repair_for(Heard(request="fix this page"), tmp_path) is None
