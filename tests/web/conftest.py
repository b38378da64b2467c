"""The pages on a real server on loopback, over a real SQLite database."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from slackbot.core.config import WebConfig
from slackbot.store.database import Database
from slackbot.store.migrate import upgrade
from slackbot.web import Served, serve, web_app
from tests.web.seed import NOW

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "slackbot.db"
    upgrade(f"sqlite:///{path}", MIGRATIONS)
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{shutil.copy(migrated, tmp_path / 'slackbot.db')}")
    yield opened
    opened.close()


@pytest.fixture
def parts() -> dict[str, bool]:
    """What is ready; a test may change it while the server runs."""
    return {"slack": True, "engine": True}


@pytest_asyncio.fixture
async def served(database: Database, parts: dict[str, bool]) -> AsyncIterator[Served]:
    config = WebConfig(host="127.0.0.1", port=0, public_url="https://ops.example.com/pitcrew")
    server = await serve(web_app(database, config, ready=lambda: parts, clock=lambda: NOW), config.host, config.port)
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def browser(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    # Nothing to verify on plain loopback; loading certificates would take longer than the tests.
    async with httpx.AsyncClient(base_url=served.url, trust_env=False, verify=False) as client:
        yield client
