"""The floor of memory: the plain Bolt app with the engine launched beside it on SQLite, one workflow, no more."""

import asyncio
import sys

from dbos import DBOS

from bench.plain_app import serve


@DBOS.workflow()
async def nothing() -> None:
    """A workflow, so that the engine has something to know."""


async def run(api_url: str, bot_token: str, app_token: str, file: str) -> None:
    DBOS(config={"name": "plain", "system_database_url": f"sqlite:///{file}.engine", "console_log_level": "ERROR"})
    DBOS.launch()
    await serve(api_url, bot_token, app_token, file)


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:5]))
