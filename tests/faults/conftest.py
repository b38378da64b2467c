"""A stage whose bot lives in this process, for the stories of a module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.inhouse import InHouse, moved_in
from tests.stage import BOB, staged


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InHouse]:
    async with staged(tmp_path_factory.mktemp("inhouse")) as stage:
        stage.slack.workspace.add_group("S0ONCALL", "oncall", (BOB,))
        stage.add_repo()
        stage.add_repo("acme/guarded", more='approvers = ["S0ONCALL"]')
        stage.configure()
        async with moved_in(stage) as home:
            yield home
