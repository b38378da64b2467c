"""One stage with one running bot for all journeys of a test worker; each journey lives in a thread of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.postgres import settings_of
from tests.stage import AGENT, ALICE, BOB, REPO, Stage, staged, upgraded

# A BROKEN that names a file makes the check wait for that file, and then fail.
CHECK = """if [ -e BROKEN ]; then
  gate=$(cat BROKEN)
  case "$gate" in /*) while [ ! -e "$gate" ]; do sleep 0.02; done ;; esac
  echo; echo 'delete BROKEN'; exit 1
fi"""
HOPELESS = "echo always red; exit 3"
MORE_AGENTS = f"""
[agents.impatient]
kind = "acp"
{AGENT}
sandbox = "none"
silence_timeout_s = 1.5
[agents.absent]
kind = "acp"
command = ["/nowhere/agent"]
sandbox = "none"
"""


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All but the main journey have a run of their own: a minute is for all of `make test`."""
    for item in items:
        if item.path.parent == HERE and item.path.name != "test_main_journey.py":
            item.add_marker(pytest.mark.journey)


@pytest_asyncio.fixture(
    scope="session", loop_scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    with settings_of(request.param) as settings:
        async with staged(tmp_path_factory.mktemp("stage"), **settings) as stage:
            stage.slack.workspace.add_group("S0ONCALL", "oncall", (BOB,))
            stage.slack.workspace.add_group("S0LEADS", "leads", (BOB,))
            stage.add_repo(REPO)
            stage.add_repo("acme/checked", {"check.sh": CHECK, "README.md": "hello\n"}, check="sh check.sh")
            stage.add_repo("acme/hopeless", check=HOPELESS)
            stage.add_repo("acme/guarded", more='approvers = ["S0ONCALL"]')
            stage.add_repo("acme/led", more='approvers = ["S0LEADS"]')
            stage.add_repo("acme/own", more="self_approve = true")
            stage.add_repo("acme/impatient", agent="impatient")
            stage.add_repo("acme/absent", agent="absent")
            stage.add_repo("acme/empty", {})
            stage.add_repo("acme/unprepared", more='setup = "echo no compiler; exit 7"')
            stage.configure(MORE_AGENTS, admins=(ALICE,))
            if settings:
                await upgraded(stage)
            await stage.start_bot()
            yield stage
            assert await stage.stop_bot() == 0
