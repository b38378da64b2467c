"""The database as the doctor finds it: real files, a server that is not there."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from slackbot.bundled import bundled
from slackbot.core.config import Config
from slackbot.doctor.case import Case
from slackbot.doctor.database import database
from slackbot.settings import Survey
from slackbot.store.migrate import upgrade


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Callable[[str], Case]]:
    async with aiohttp.ClientSession() as session:

        def made(url: str) -> Case:
            found = Survey(
                config_path=tmp_path / "slackbot.toml", env_file=tmp_path / ".env", data_dir=tmp_path / "data",
                database_url=url, secrets=(SecretStr(url),),
            )  # fmt: skip
            return Case(found, Config(), session, None, lambda: datetime.now(UTC))

        yield made


def old(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    connection.close()


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("make", "status", "word"),
    [
        (lambda path: None, "ok", "none yet"),
        (lambda path: path.write_bytes(b""), "ok", "empty"),
        (lambda path: path.write_text("this is a diary, not a database"), "fault", "no SQLite database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"rubbish" * 900), "fault", ""),
        (lambda path: path.mkdir(), "fault", "cannot be read"),
        (old, "ok", "upgrades it"),
        (lambda path: upgrade(f"sqlite:///{path}", bundled("migrations")), "ok", "newest tables"),
    ],
)
async def test_a_file_is_looked_at_and_left_as_it_is(case, tmp_path: Path, make, status, word) -> None:
    path = tmp_path / "bot.db"
    make(path)
    before = files(tmp_path)
    verdict = await database(case(f"sqlite:///{path}"))
    assert verdict.status == status and word in verdict.said
    assert files(tmp_path) == before


@pytest.mark.parametrize(("folder", "status"), [("data", "ok"), ("elsewhere", "fault")])
async def test_the_bot_makes_its_data_directory_and_no_other(case, tmp_path: Path, folder: str, status: str) -> None:
    assert (await database(case(f"sqlite:///{tmp_path / folder / 'bot.db'}"))).status == status


async def test_a_server_that_is_not_there_is_a_fault_without_its_password(case) -> None:
    asked = case("postgresql+psycopg://bot:s3cret%2Fword@127.0.0.1:1/bot")
    verdict = await database(asked)
    assert verdict.status == "fault" and "cannot be opened" in verdict.said
    assert "s3cret" not in verdict.said
    assert {"s3cret%2Fword", "s3cret/word"} <= set(asked.secrets())
