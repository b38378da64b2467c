"""Events in any order, any number of times, in any shape: no task is lost or doubled, and nothing crashes."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from slackbot.core.request import MessageRequest
from slackbot.core.task import OPEN, DecisionKind, Thread
from slackbot.flows.mention import words
from tests.faults import payloads
from tests.faults.payloads import BOT, BOT_ID, CHANNELS, GONE, JUNK, NOISE, PEOPLE, WORDS, Json
from tests.faults.station import State, Station, station
from tests.postgres import SERVER, fresh_postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

EVENTS = {"sqlite": 10_000, "postgres": 2_000}
STEPS = 40
NO_WORK = {"", "help", "stop", "pause", "resume", "repo:un/known"}
MESSAGES = st.integers(min_value=0, max_value=1000)
COPIES = st.integers(min_value=1, max_value=3)


class Night(RuleBasedStateMachine):
    """Payloads gather in the air until `deliver` brings them in, shuffled, with some of those from before."""

    def __init__(self, place: Station) -> None:
        super().__init__()
        self._station = place
        place.open()
        self._said: list[Json] = []
        self._air: list[Json] = []
        self._delivered: list[Json] = []
        self._keys: set[str] = set()
        self._number = 0

    def _next_ts(self) -> str:
        self._number += 1
        return f"{1795143700 + self._number}.000{self._number % 1000:03}"

    def _send(self, event: Json, copies: int = 1) -> None:
        self._number += 1
        self._air += [payloads.envelope(self._number, event)] * copies

    def _thread(self, pick: int) -> Json | None:
        """None: at the top level."""
        return self._said[pick % len(self._said)] if self._said and pick % 3 else None

    @rule(user=st.sampled_from(PEOPLE), channel=st.sampled_from(CHANNELS), text=WORDS, names=st.booleans(),
          pick=MESSAGES, copies=COPIES)  # fmt: skip
    def say(self, user: str, channel: str, text: str, names: bool, pick: int, copies: int) -> None:
        parent = self._thread(pick)
        channel = parent["channel"] if parent else channel
        thread_ts = (parent.get("thread_ts") or parent["ts"]) if parent else None
        said = payloads.message(channel, self._next_ts(), user, f"<@{BOT}> {text}" if names else text, thread_ts)
        self._said.append(said)
        self._send(said, copies)
        if names:
            self._keys.add(f"message:{payloads.TEAM}:{channel}:{said['ts']}")
            if not channel.startswith("D"):
                self._send(payloads.mention(said), copies)

    @rule(pick=MESSAGES, text=WORDS, names=st.booleans(), copies=COPIES)
    def edit(self, pick: int, text: str, names: bool, copies: int) -> None:
        if self._said:
            said = self._said[pick % len(self._said)]
            self._send(payloads.edit(said, self._next_ts(), f"<@{BOT}> {text}" if names else text), copies)

    @rule(pick=MESSAGES, channel=st.sampled_from(CHANNELS), bot=st.sampled_from([BOT_ID, "B0PAGER"]), text=WORDS)
    def post_as_app(self, pick: int, channel: str, bot: str, text: str) -> None:
        parent = self._thread(pick)
        where, thread_ts = (parent["channel"], parent["ts"]) if parent else (channel, None)
        self._send(payloads.by_app(where, self._next_ts(), bot, f"<@{BOT}> {text}", thread_ts))

    @rule(channel=st.sampled_from(CHANNELS), kind=st.sampled_from(NOISE))
    def rustle(self, channel: str, kind: str) -> None:
        self._send(payloads.noise(channel, self._next_ts(), kind))

    @rule(pick=MESSAGES, user=st.sampled_from(PEOPLE), copies=COPIES, garbage=st.one_of(st.none(), WORDS),
          action=st.sampled_from(["approve", "rework", "stop", "stop", "retry", "repository", "link"]))  # fmt: skip
    def click(self, pick: int, user: str, copies: int, garbage: str | None, action: str) -> None:
        made = self._station.look().tasks
        if made and self._said:
            task = made[pick % len(made)]
            value = json.dumps({"task": task.id, "attempt": 1}) if garbage is None else garbage
            said = {"channel": task.thread.channel, "ts": task.thread.ts}
            self._air += [payloads.click(said, self._next_ts(), user, action, value)] * copies

    @rule(user=st.sampled_from(PEOPLE), value=WORDS, text=WORDS, copies=COPIES)
    def submit(self, user: str, value: str, text: str, copies: int) -> None:
        self._air += [payloads.submission(self._next_ts(), user, value, text)] * copies

    @rule(pick=MESSAGES, junk=st.one_of(JUNK, st.just(GONE)), seed=MESSAGES, times=COPIES)
    def garble(self, pick: int, junk: Any, seed: int, times: int) -> None:
        """Something broken comes in beside what it was made from."""
        whole = [*self._delivered, *self._air]
        if whole:
            chance = Random(seed)
            broken = whole[pick % len(whole)]
            for _ in range(times):
                broken = payloads.garbled(broken, junk, chance) or {}
                self._air.append(broken)
                if not broken:
                    return

    @rule(seed=MESSAGES)
    def deliver(self, seed: int) -> None:
        chance = Random(seed)
        again = chance.sample(self._delivered, min(len(self._delivered), len(self._air)))
        self._delivered += self._air
        given = [*self._air, *again]
        chance.shuffle(given)
        self._air = []
        self._station.deliver(given)

    @invariant()
    def everything_is_acked(self) -> None:
        assert set(self._station.answers) <= {200}

    def teardown(self) -> None:
        try:
            self.deliver(7)
            self._station.settle()
            self._check(self._station.look())
        finally:
            self._station.close()

    def _check(self, state: State) -> None:
        kept = {request.key for request in state.requests}
        assert self._keys <= kept, "a mention was acked and is not in the inbox"
        assert len(kept) == len(state.requests)
        assert not [text for text in self._station.told() if "did not work" in text]
        made = Counter(place_of(task.thread) for task in state.tasks)
        running = Counter(place_of(task.thread) for task in state.tasks if task.state in OPEN)
        assert len({task.request_key for task in state.tasks}) == len(state.tasks)
        assert {task.request_key for task in state.tasks} <= kept, "a task that nobody asked for"
        assert max(running.values(), default=0) <= 1, "two open tasks in a thread"
        threads = {task.id: place_of(task.thread) for task in state.tasks}
        stopped = Counter(threads[made.task] for made in state.decisions if made.kind is DecisionKind.STOP)
        assert all(made[thread] <= 1 + stopped[thread] for thread in made), "a task is doubled"
        assert _asked(state) <= set(made), "a task is lost"


def place_of(thread: Thread) -> tuple[str, str]:
    """A thread, also when the workspace's name was garbled."""
    return thread.channel, thread.ts


def _asked(state: State) -> set[tuple[str, str]]:
    """Threads in which somebody gave the bot work."""
    return {
        place_of(request.thread)
        for request in state.requests
        if isinstance(request, MessageRequest) and not request.author_is_bot and request.edited_ts is None
        and request.author in PEOPLE and (request.names_bot or request.direct) and words(request).lower() not in NO_WORK
    }  # fmt: skip


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """Ten thousand events make a log that nobody reads."""
    before = structlog.get_config()
    structlog.configure(processors=[_nothing])
    yield
    structlog.configure(**before)


def _nothing(logger: object, name: str, event: object) -> object:
    raise structlog.DropEvent


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_whatever_slack_sends_no_task_is_lost_or_doubled(backend: str, tmp_path: Path) -> None:
    if backend == "postgres" and not SERVER:
        pytest.skip("SLACKBOT_TEST_POSTGRES_URL is not set")
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'slackbot.db'}"
        if backend == "postgres":
            url = stack.enter_context(fresh_postgres()).replace("postgresql://", "postgresql+psycopg://")
        place = stack.enter_context(station(url, tmp_path))
        _play(lambda: Night(place), lambda: sum(place.answers.values()) >= EVENTS[backend])


def _play(night: Callable[[], Night], enough: Callable[[], bool]) -> None:
    """Nights until there were events enough; every one begins anew."""
    plan = settings(
        max_examples=20, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),  # making a failure smaller would take ten times as long
    )  # fmt: skip
    while not enough():
        run_state_machine_as_test(night, settings=plan)
