"""Tasks: made once per request, moved by compare-and-swap. Every visible write makes `version` grow."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from sqlalchemy import and_, func, insert, select, update

from slackbot.core.task import ENDS, MOVES, OPEN, Lost, Moved, Task, TaskId, TaskState, Thread
from slackbot.store.database import Transaction
from slackbot.store.rows import as_task
from slackbot.store.tables import attempts, decisions, tasks


def create(
    tx: Transaction, request_key: str, thread: Thread, *, request_ts: str, requester: str, text: str,
    state: TaskState, repos: tuple[str, ...], at: datetime,
) -> Task:  # fmt: skip
    """Make the task of a request, or answer the one that an earlier try made.

    The thread must hold no other open task: raises StoreConflict otherwise, look with `latest_in` first.
    """
    made = tx.connection.execute(select(tasks).where(tasks.c.request_key == request_key)).first()
    if made is not None:
        return as_task(made)
    previous = tx.connection.execute(
        select(func.max(tasks.c.id)).where(tasks.c.channel == thread.channel, tasks.c.thread_ts == thread.ts)
    ).scalar()
    row = {
        "team": thread.team,
        "channel": thread.channel,
        "thread_ts": thread.ts,
        "request_key": request_key,
        "request_ts": request_ts,
        "requester": requester,
        "text": text,
        "state": state,
        "state_at": at,
        "state_by": None,
        "created_at": at,
        "attempt": 1,
        "repos": list(repos),
        "steered_by": [],
        "previous": previous,
        "note": "",
        "sealed": False,
        "version": 1,
        "painted_version": 0,
    }
    task_id = tx.connection.execute(insert(tasks).values(row).returning(tasks.c.id)).scalar_one()
    return get(tx, TaskId(task_id))


def get(tx: Transaction, task: TaskId, *, lock: bool = False) -> Task:
    """The task as it stands; `lock`: nobody else moves it before this transaction ends.

    Raises NoResultFound for an id that was never given.
    """
    query = select(tasks).where(tasks.c.id == task)
    return as_task(tx.connection.execute(query.with_for_update() if lock else query).one())


def find(tx: Transaction, task: int) -> Task | None:
    row = tx.connection.execute(select(tasks).where(tasks.c.id == task)).first()
    return as_task(row) if row else None


def latest_in(tx: Transaction, thread: Thread) -> Task | None:
    """The open task of a thread, else its newest one."""
    query = (
        select(tasks)
        .where(tasks.c.channel == thread.channel, tasks.c.thread_ts == thread.ts)
        .order_by(tasks.c.state.in_(sorted(ENDS)), tasks.c.id.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).first()
    return as_task(row) if row else None


def move(
    tx: Transaction, task: TaskId, sources: Iterable[TaskState], target: TaskState, *, at: datetime,
    by: str | None = None, note: str = "", attempt: int | None = None,
) -> Moved | Lost:  # fmt: skip
    """Compare-and-swap the state; `attempt`: only while that attempt is the current one. A sealed landing only ends."""
    sources = frozenset(sources)
    illegal = [source for source in sources if target not in MOVES[source]]
    if illegal:
        raise ValueError(f"no move from {', '.join(illegal)} to {target}")
    condition = [tasks.c.id == task, tasks.c.state.in_(sources)]
    if attempt is not None:
        condition.append(tasks.c.attempt == attempt)
    if target is TaskState.CANCELLED:
        condition.append(tasks.c.sealed.is_(False))
    values = {"state": target, "state_at": at, "state_by": by, "note": note, "sealed": False}
    return _swap(tx, task, condition, values)


def start_next_attempt(
    tx: Transaction, task: TaskId, sources: Iterable[TaskState], attempt: int, *, at: datetime, by: str | None
) -> Moved | Lost:
    """Throw `attempt` away: the task is queued again with the next number."""
    condition = [tasks.c.id == task, tasks.c.state.in_(frozenset(sources)), tasks.c.attempt == attempt]
    values = {
        "state": TaskState.QUEUED, "state_at": at, "state_by": by, "note": "", "sealed": False, "attempt": attempt + 1,
    }  # fmt: skip
    return _swap(tx, task, condition, values)


def seal(tx: Transaction, task: TaskId, attempt: int) -> bool:
    """From here on the landing cannot be stopped; False when it was stopped before. Safe to repeat."""
    condition = and_(tasks.c.id == task, tasks.c.state == TaskState.LANDING, tasks.c.attempt == attempt)
    return tx.connection.execute(update(tasks).where(condition).values(sealed=True)).rowcount == 1


def unseal(tx: Transaction, task: TaskId) -> None:
    """Nothing was merged after all: the landing can be stopped again."""
    tx.connection.execute(update(tasks).where(tasks.c.id == task).values(sealed=False))


def _swap(tx: Transaction, task: TaskId, condition: list, values: dict[str, object]) -> Moved | Lost:  # type: ignore[type-arg]
    done = tx.connection.execute(update(tasks).where(*condition).values(version=tasks.c.version + 1, **values))
    if done.rowcount == 1:
        return Moved(task=get(tx, task))
    return lost(tx, task)


def lost(tx: Transaction, task: TaskId) -> Lost:
    """Where the task stands and whose decision brought it there, for whoever came second."""
    row = tx.connection.execute(select(tasks).where(tasks.c.id == task)).one()
    last = select(decisions.c.by).where(decisions.c.task == task).order_by(decisions.c.at.desc()).limit(1)
    by = row.state_by or tx.connection.execute(last).scalar()
    return Lost(state=TaskState(row.state), by=by, at=row.state_at)


def touch(tx: Transaction, task: TaskId, **values: object) -> Task:
    """Write columns that the card shows (note, repos, steered_by …)."""
    tx.connection.execute(update(tasks).where(tasks.c.id == task).values(version=tasks.c.version + 1, **values))
    return get(tx, task)


def add_steerer(tx: Transaction, task: TaskId, user: str) -> None:
    """Remember that this person gave the task instructions: who steers does not approve."""
    # Locked, because on Postgres two writers would each add to the list without the other.
    row = select(tasks.c.steered_by).where(tasks.c.id == task).with_for_update()
    steered_by = tx.connection.execute(row).scalar_one()
    if user not in steered_by:
        touch(tx, task, steered_by=[*steered_by, user])


class CardTurn(Enum):
    """Whether this caller posts a task's first card now."""

    POST = "post"  # nobody tried before
    LOOK_FIRST = "look first"  # an earlier try may have posted it
    NOT_OURS = "not ours"  # it is there, or somebody is about to post it


def begin_card(tx: Transaction, task: TaskId, at: datetime, abandoned_before: datetime, own: bool) -> CardTurn:
    """Note that a card is about to be posted. `own`: the caller knows that no other try is under way."""
    query = select(tasks.c.card_ts, tasks.c.card_tried_at).where(tasks.c.id == task)
    row = tx.connection.execute(query).one()
    if row.card_ts is not None or not (own or (row.card_tried_at and row.card_tried_at < abandoned_before)):
        return CardTurn.NOT_OURS
    tx.connection.execute(update(tasks).where(tasks.c.id == task).values(card_tried_at=at))
    return CardTurn.POST if row.card_tried_at is None else CardTurn.LOOK_FIRST


def forget_card(tx: Transaction, task: TaskId) -> None:
    """The card was deleted by hand: the next one is a new message, nothing is to be looked for."""
    tx.connection.execute(update(tasks).where(tasks.c.id == task).values(card_ts=None, card_tried_at=None))


def needs_paint(tx: Transaction, task: TaskId) -> bool:
    found = get(tx, task)
    return found.painted_version < found.version


def set_card(tx: Transaction, task: TaskId, card_ts: str | None, painted_version: int) -> None:
    """Remember where the card is and which version it shows."""
    tx.connection.execute(
        update(tasks).where(tasks.c.id == task).values(card_ts=card_ts, painted_version=painted_version)
    )


def set_painted(tx: Transaction, task: TaskId, version: int) -> None:
    condition = and_(tasks.c.id == task, tasks.c.painted_version < version)
    tx.connection.execute(update(tasks).where(condition).values(painted_version=version))


def to_paint(tx: Transaction) -> list[TaskId]:
    """Tasks whose card shows an older version than they have."""
    query = select(tasks.c.id).where(tasks.c.painted_version < tasks.c.version).order_by(tasks.c.id)
    return [TaskId(found) for found in tx.connection.execute(query).scalars()]


def in_states(tx: Transaction, states: Iterable[TaskState]) -> list[Task]:
    """Open tasks in these states, the longest waiting first."""
    wanted = sorted(frozenset(states) & OPEN)
    query = select(tasks).where(tasks.c.state.in_(wanted), tasks.c.state.not_in(sorted(ENDS)))
    return [as_task(row) for row in tx.connection.execute(query.order_by(tasks.c.state_at, tasks.c.id))]


def ids_in_states(tx: Transaction, states: Iterable[TaskState], repo: str | None = None) -> list[TaskId]:
    """The same tasks, of one repository or of all, for who goes through very many: one id weighs little."""
    query = select(tasks.c.id, tasks.c.repos).where(tasks.c.state.in_(sorted(frozenset(states) & OPEN)))
    found = tx.connection.execute(query.order_by(tasks.c.state_at, tasks.c.id))
    return [TaskId(task) for task, repos in found if repo is None or repo in repos]


def place_in_queue(tx: Transaction, task: Task) -> int:
    """How many queued tasks stand before this one, plus one."""
    before = tasks.c.state_at < task.state_at
    same = and_(tasks.c.state_at == task.state_at, tasks.c.id < task.id)
    query = select(func.count()).where(tasks.c.state == TaskState.QUEUED, before | same)
    return int(tx.connection.execute(query).scalar_one()) + 1


def begin_attempt(tx: Transaction, task: TaskId, number: int, at: datetime) -> None:
    """Open the attempt's row. Safe to repeat."""
    found = tx.connection.execute(
        select(attempts.c.task).where(attempts.c.task == task, attempts.c.attempt == number)
    ).first()
    if found is None:
        tx.connection.execute(insert(attempts).values(task=task, attempt=number, started_at=at))


def end_attempt(
    tx: Transaction, task: TaskId, number: int, at: datetime, feedback: str | None = None, by: str | None = None
) -> None:
    """Close the attempt's row, with what a person said when it was thrown away."""
    begin_attempt(tx, task, number, at)
    condition = and_(attempts.c.task == task, attempts.c.attempt == number)
    tx.connection.execute(update(attempts).where(condition).values(ended_at=at, feedback=feedback, feedback_by=by))
