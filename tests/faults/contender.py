"""One of two processes in which people click at the same moment: approve, rework and stop on the same task.

It is the whole way of a click behind the inbox (who may, the decision, what is enqueued, who is told), with the real
database and the engine's real client; only the flows that are enqueued do not run.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random

import structlog
from dbos import DBOSClient

from slackbot.bundled import bundled
from slackbot.core.config import Config
from slackbot.core.request import ButtonValue, ClickRequest, FeedbackRequest
from slackbot.core.task import Task, TaskId
from slackbot.flows import clicks
from slackbot.flows.engine import Engine
from slackbot.flows.house import House, move_in
from slackbot.repos import GitRepos
from slackbot.skills import SkillFolder
from slackbot.store import tasks
from slackbot.store.database import Database
from tests.fakes.chat import FakeChat, Told
from tests.fakes.forge import FakeForge
from tests.fakes.runner import FakeRunner
from tests.fakes.sandbox import FakeSandbox

ACTIONS = ("approve", "rework", "stop")
REPOS = [{"name": "shop/checkout", "url": "/nowhere", "forge": "local", "agent": "demo"}]
CONFIG = Config.model_validate({"agents": {"demo": {"kind": "demo"}}, "repos": REPOS})
PATIENCE_S = 20
_start: list[Barrier] = []


class Desk(Engine):
    """The engine of a process that enqueues work and does none."""

    def __init__(self, url: str) -> None:
        self._client = DBOSClient(system_database_url=url, application_name="pitcrew")

    def close(self) -> None:
        if self._client is not None:
            self._client.destroy()


class Blindfold:
    """A painter that draws nothing."""

    def show(self, task_id: TaskId, urgent: bool = True) -> None:
        return

    async def paint(self, task_id: TaskId, *, urgent: bool = True, own_post: bool = False) -> None:
        return


def line_up(start: Barrier) -> None:
    """The first thing in a process: where it waits for the other."""
    _start.append(start)
    structlog.configure(processors=[nothing])


def contend(name: str, url: str, raced: Sequence[int]) -> list[Told]:
    """Click on each task in turn, together with the other process; who was told what."""
    return asyncio.run(_contend(name, url, raced))


def nothing(logger: object, name: str, event: object) -> object:
    raise structlog.DropEvent


async def _contend(name: str, url: str, raced: Sequence[int]) -> list[Told]:
    chance, chat = Random(name), FakeChat()
    house = House(
        config=CONFIG, db=Database(url), engine=Desk(url), chat=chat, repos=GitRepos(Path(), Path(), clock=_now),
        forges={"local": FakeForge()}, runner=FakeRunner(), sandbox=FakeSandbox(),
        skills=SkillFolder(bundled("skills")),
    )  # fmt: skip
    house.painter = Blindfold()
    move_in(house)
    for task_id in raced:
        task = await house.db.read(tasks.get, TaskId(task_id))
        hands = chance.sample(ACTIONS, len(ACTIONS))
        _start[0].wait(PATIENCE_S)
        await asyncio.gather(*(_decide(task, action, f"U{name}{action}".upper()) for action in hands))
    house.db.close()
    house.engine.close()
    return chat.told


def _now() -> datetime:
    return datetime.now(UTC)


async def _decide(task: Task, action: str, by: str) -> None:
    value = ButtonValue(task=task.id, attempt=1, head_sha="b" * 40).model_dump_json()
    if action == "rework":
        view = f"V{task.id}{by}"
        await clicks.answer_feedback(FeedbackRequest(team="T1", view_id=view, value=value, text="again", by=by))
        return
    at = f"{task.id}.{by}"
    await clicks.answer_click(
        ClickRequest(thread=task.thread, card_ts="1.1", action=action, action_ts=at, value=value, by=by)
    )
