"""What every flow finds around it: configuration, database, wings, clock. Wired by the roof, once per process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from slackbot.core.agent import PlanStep
from slackbot.core.config import Config, RepoConfig
from slackbot.core.ports import AgentRunner, Chat, Forge, Repos, Sandbox, Skills
from slackbot.core.request import Request
from slackbot.core.task import Task, TaskId, Thread
from slackbot.flows.engine import Engine
from slackbot.store.database import Database


@dataclass
class Progress:
    """What a running attempt does right now; lives in memory only, a restart begins it anew."""

    phase: str = ""
    step: str = ""
    plan: tuple[PlanStep, ...] = ()


@dataclass(frozen=True)
class Links:
    """Builds addresses of our own pages; None where no public address is configured."""

    public_url: str = ""

    def task(self, task: Task) -> str | None:
        return f"{self.public_url.rstrip('/')}/tasks/{task.label}" if self.public_url else None

    def diff(self, task: int, attempt: int, repo: str) -> str | None:
        return f"{self.public_url.rstrip('/')}/tasks/T{task}/{attempt}/diff/{repo}" if self.public_url else None


@dataclass
class Door:
    """One at a time through here; `users` counts who is inside or waits."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Painter(Protocol):
    """Keeps cards true; `slackbot.flows.cards` has it."""

    def show(self, task_id: TaskId, urgent: bool = True) -> None: ...

    async def paint(self, task_id: TaskId, *, urgent: bool = True, own_post: bool = False) -> None: ...


@dataclass
class House:
    """The wings by their ports. `stops`, `progress` and `doors` concern the attempts that run in this process."""

    config: Config
    db: Database
    engine: Engine
    chat: Chat
    repos: Repos
    forges: Mapping[str, Forge]
    runner: AgentRunner
    sandbox: Sandbox
    skills: Skills
    painter: Painter = field(init=False)
    receive: Callable[[Request], Awaitable[bool]] = field(init=False)  # `slackbot.flows.intake` has it
    links: Links = Links()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    started_at: datetime = field(init=False)
    stops: dict[TaskId, asyncio.Event] = field(default_factory=dict)
    progress: dict[TaskId, Progress] = field(default_factory=dict)
    doors: dict[Thread, Door] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started_at = self.clock()

    def repo(self, name: str) -> RepoConfig | None:
        return self.config.repo(name)

    def repos_of(self, task: Task) -> list[RepoConfig]:
        """The configured repositories of a task; one that left the configuration is missing here."""
        return [repo for name in task.repos if (repo := self.config.repo(name))]

    def forge(self, repo: RepoConfig) -> Forge:
        return self.forges[repo.forge]

    @asynccontextmanager
    async def in_order(self, thread: Thread) -> AsyncIterator[None]:
        """What is said in one thread is heard in the order in which it came."""
        door = self.doors.setdefault(thread, Door())
        door.users += 1
        try:
            async with door.lock:
                yield
        finally:
            door.users -= 1
            if not door.users:
                self.doors.pop(thread, None)

    def show(self, task_id: TaskId, urgent: bool = True) -> None:
        """The task changed, so its card has to."""
        self.painter.show(task_id, urgent)

    def stop_event(self, task: TaskId) -> asyncio.Event:
        return self.stops.setdefault(task, asyncio.Event())


_current: House | None = None


def move_in(house: House | None) -> None:
    """Make this the house that flows find; None: nobody lives here any more."""
    global _current
    _current = house


def house() -> House:
    """The house of this process. The engine recovers flows by name, so they cannot be handed one."""
    if _current is None:
        raise RuntimeError("no house: flows run only after slackbot.app moved in")
    return _current
