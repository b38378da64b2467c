"""The engine (DBOS) as the flows use it: workflows, steps, two queues. Knows no task."""

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, SetWorkflowID

from slackbot.core.config import Config
from slackbot.core.errors import StoreConflict, StoreUnavailable
from slackbot.store.database import Transaction

log = structlog.get_logger()
P = ParamSpec("P")
R = TypeVar("R")

# Pinned, since the engine's default is a hash of the source: after an upgrade old flows would wait for ever.
APPLICATION_VERSION = "1"
# Every restart of the bot counts as one; the engine's own limit of 100 would strand long-lived flows.
MAX_RECOVERY_ATTEMPTS = 10_000
ATTEMPTS_QUEUE = "attempts"
LANDINGS_QUEUE = "landings"
ANSWERS_QUEUE = "answers"
POLL_S = 0.1
ACTIVE = ["PENDING", "ENQUEUED", "DELAYED"]
ENDED = ["SUCCESS", "ERROR", "CANCELLED"]


def capped_queue(repo: str) -> str:
    """The queue in front of the attempts' queue, for a repository with a cap of its own."""
    return f"{ATTEMPTS_QUEUE}:{repo}"


def durable(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Make a coroutine function a workflow: after a crash it goes on from its last finished step."""

    @functools.wraps(function)
    async def resumable(*args: P.args, **kwargs: P.kwargs) -> R:
        with _unless_closing():
            return await function(*args, **kwargs)

    return DBOS.workflow(name=function.__name__, max_recovery_attempts=MAX_RECOVERY_ATTEMPTS)(resumable)


@contextmanager
def _unless_closing() -> Iterator[None]:
    """While the house closes nothing begins, and what fails then is no result: it is taken up at the next start."""
    if _closing.is_set():
        raise asyncio.CancelledError
    try:
        yield
    except Exception as error:
        if _closing.is_set():
            raise asyncio.CancelledError from error
        raise


_closing = threading.Event()


async def patched(change: str) -> bool:
    """Whether this run of a flow follows a change of its steps: one that was past this point before does not.

    A flow whose steps change asks here where they change, and keeps its old branch until no such run is left.
    """
    return await DBOS.patch_async(change)


Watcher = Callable[[str, str], None]
_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Call `watcher(step's name, "begins" | "ended")` around every step: for timing, and to crash there in tests."""
    _watchers.append(watcher)


def step(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Make a coroutine function a step: its result is kept; one that was interrupted runs again.

    A database that is away is waited for, about two minutes; every other error is the flow's to decide on.
    """

    @functools.wraps(function)
    async def watched(*args: P.args, **kwargs: P.kwargs) -> R:
        for watcher in _watchers:
            watcher(function.__name__, "begins")
        with _unless_closing():
            result = await function(*args, **kwargs)
        for watcher in _watchers:
            watcher(function.__name__, "ended")
        return result

    return DBOS.step(
        name=function.__name__,
        retries_allowed=True,
        max_attempts=12,
        interval_seconds=0.5,
        backoff_rate=1.6,
        should_retry=lambda error: isinstance(error, StoreUnavailable | StoreConflict),
    )(watched)


async def wait(seconds: float) -> None:
    """Let a flow wait; after a crash it waits only for what is left."""
    await DBOS.sleep_async(seconds)


class Engine:
    """Launched once per process, inside the running event loop, where all flows then run."""

    def __init__(self, database_url: str, executor_id: str = "bot-0") -> None:
        self._url = database_url
        settings: DBOSConfig = {
            "name": "pitcrew",
            "system_database_url": database_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            "log_level": "ERROR",
            "console_log_level": "ERROR",
            "max_executor_threads": 32,
        }
        DBOS(config=settings)
        self._client: DBOSClient | None = None

    async def launch(self, config: Config, flows: Sequence[Callable[..., object]]) -> None:
        """Recover what was going on and open the queues with their caps.

        `flows`: every durable flow; the engine finds them by name, so their modules must be there by now.
        """
        _closing.clear()
        log.info("engine_starting", flows=[flow.__name__ for flow in flows])
        DBOS.launch()
        self._client = DBOSClient(system_database_url=self._url, application_name="pitcrew")
        await DBOS.register_queue_async(ANSWERS_QUEUE, polling_interval_sec=POLL_S)
        running = config.bot.max_attempts_running
        await DBOS.register_queue_async(
            ATTEMPTS_QUEUE, global_concurrency=running, partition_concurrency=running, polling_interval_sec=POLL_S
        )
        for repo in config.repos:
            if repo.max_attempts_running:
                cap = repo.max_attempts_running
                name = capped_queue(repo.name)
                await DBOS.register_queue_async(name, global_concurrency=cap, polling_interval_sec=POLL_S)
        await DBOS.register_queue_async(LANDINGS_QUEUE, partition_concurrency=1, polling_interval_sec=POLL_S)

    async def start(
        self, flow: Callable[P, Coroutine[Any, Any, None]], workflow_id: str, *args: P.args, **kwargs: P.kwargs
    ) -> Callable[[], Coroutine[Any, Any, None]]:
        """Start a flow at once, unless one of this id was started before; what comes back waits for its end."""
        with SetWorkflowID(workflow_id):
            handle = await DBOS.start_workflow_async(flow, *args, **kwargs)
        return handle.get_result

    def enqueue(
        self, tx: Transaction, queue: str, partition: str | None, flow: str, workflow_id: str, *args: int | str
    ) -> None:
        """Enqueue a flow in the caller's transaction: the state moved and the work is enqueued, or neither.

        `partition`: for the queues of attempts and landings, the repository.
        """
        if self._client is None:
            raise RuntimeError("the engine is not launched")
        options: EnqueueOptions = {
            "workflow_name": flow, "queue_name": queue, "workflow_id": workflow_id, "app_version": APPLICATION_VERSION,
        }  # fmt: skip
        if partition is not None:
            options["queue_partition_key"] = partition
        self._client.enqueue_in_transaction(tx.connection, options, *args)

    async def run_queued(self, partition: str, flow: str, workflow_id: str, *args: int | str) -> None:
        """Enqueue an attempt from within a flow and wait for its end; an id that is there already is waited for."""
        options: EnqueueOptions = {
            "workflow_name": flow, "queue_name": ATTEMPTS_QUEUE, "workflow_id": workflow_id,
            "app_version": APPLICATION_VERSION, "queue_partition_key": partition,
        }  # fmt: skip
        handle = await DBOS.enqueue_workflow_with_options_async(options, *args)
        await handle.get_result()

    async def active(self, *flows: str) -> list[str]:
        """Ids of these flows that run or wait in a queue, in whatever process."""
        found = await DBOS.list_workflows_async(name=list(flows), status=ACTIVE, load_input=False, load_output=False)
        return [flow.workflow_id for flow in found]

    async def forget(self, ended_before: datetime, limit: int) -> int:
        """Delete the history of flows that ended before; how many went. Ids that were forgotten may start again."""
        found = await DBOS.list_workflows_async(
            status=ENDED, completed_before=ended_before.isoformat(), limit=limit, load_input=False, load_output=False
        )
        await DBOS.delete_workflows_async([flow.workflow_id for flow in found])
        return len(found)

    def begin_closing(self) -> None:
        """From now on no flow begins or ends; what is interrupted goes on at the next launch."""
        _closing.set()

    def close(self) -> None:
        """Stop the engine's threads; unfinished flows go on at the next launch."""
        if self._client is not None:
            self._client.destroy()
        DBOS.destroy()
