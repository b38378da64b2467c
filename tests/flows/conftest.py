"""One engine for the session, a home for each test; all on one event loop, where the engine's flows live."""

import asyncio
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from slackbot.bundled import bundled
from slackbot.store.migrate import upgrade
from tests.flows.home import Home, Power

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """structlog's own set-up draws tracebacks with every local, which takes it seconds."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def power(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Power]:
    url = f"sqlite:///{tmp_path_factory.mktemp('flows') / 'slackbot.db'}"
    await asyncio.to_thread(upgrade, url, bundled("migrations"))
    made = Power(url)
    yield made
    await made.off()


@pytest_asyncio.fixture(loop_scope="session")
async def home(power: Power, tmp_path: Path) -> AsyncIterator[Home]:
    made = Home(power, tmp_path)
    yield made
    await made.leave()
