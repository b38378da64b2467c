"""A stage for each story, on SQLite or on a Postgres database of its own; how many random kills, and their seed."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.postgres import settings_of
from tests.stage import Stage, staged, upgraded

# Slack's third and fourth try come after a minute and five; a bot that is killed every second must not wait for those.
RETRIES_S = (3.0,) * 40


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=30, help="how many random kills (tests/chaos)")
    parser.addoption("--seed", type=int, default=None, help="the seed of the first round of random kills")


@pytest.fixture
def backend() -> str:
    """Which database the stage has; tests that run on both parametrize it."""
    return "sqlite"


@pytest.fixture
async def stage(backend: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Two repositories, nothing started yet. The bot's log is shown when the test fails."""
    with settings_of(backend) as settings:
        async with staged(tmp_path, **settings) as stage:
            stage.slack.deliveries.retries_s = RETRIES_S
            stage.add_repo()
            stage.add_repo("acme/site")
            stage.configure()
            if settings:
                await upgraded(stage)
            yield stage
            if stage.log.exists():
                sys.stdout.write("".join(stage.log.read_text().splitlines(keepends=True)[-150:]))
