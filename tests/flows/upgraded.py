"""Two versions of one program with one flow, for the test of upgrades: `upgraded.py URL FOLDER old|new`.

The new version has a further step after the first one; the flow waits in its last one for FOLDER/gate.
"""

import asyncio
import sys
from pathlib import Path

from slackbot.core.config import Config
from slackbot.flows.engine import Engine, durable, patched, step

URL, FOLDER, VERSION = sys.argv[1], Path(sys.argv[2]), sys.argv[3]


def note(word: str) -> None:
    with (FOLDER / "steps").open("a") as file:
        file.write(f"{VERSION} {word}\n")


@step
async def first(_: str) -> None:
    note("first")


@step
async def between(_: str) -> None:
    note("between")


@step
async def middle(_: str) -> None:
    note("middle")


@step
async def last(_: str) -> None:
    (FOLDER / f"{VERSION}-waits").touch()
    while not (FOLDER / "gate").exists():  # noqa: ASYNC110 the test's file sets no Event of ours
        await asyncio.sleep(0.02)
    note("last")


@durable
async def story(name: str) -> None:
    await first(name)
    if VERSION == "new" and await patched("a-step-between"):
        await between(name)
    await middle(name)
    await last(name)


async def main() -> None:
    engine = Engine(URL)
    await engine.launch(Config(), (story,))
    for name in sys.argv[4:]:
        end = await engine.start(story, name, name)
        if VERSION == "new":
            await end()
    if VERSION == "new":
        engine.close()
    else:
        await asyncio.Event().wait()


asyncio.run(main())
