"""How rows become models and the one dialect difference that the queries have. Knows no rule."""

from sqlalchemy import Row, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from slackbot.core.task import Change, Check, Decision, DiffStat, PullRequest, Task, TaskId, TaskState, Thread, Turn
from slackbot.store.database import Transaction


def insert_or_keep(tx: Transaction, table: Table, row: dict[str, object]) -> bool:
    """Insert unless a unique key is there already; whether it was inserted."""
    build = sqlite_insert if tx.connection.dialect.name == "sqlite" else postgresql_insert
    # RETURNING tells it on every driver; an INSERT's rowcount is not known on Postgres.
    key = next(iter(table.primary_key))
    inserted = build(table).values(row).on_conflict_do_nothing().returning(key)
    return tx.connection.execute(inserted).first() is not None


def as_task(row: Row[tuple[object, ...]]) -> Task:
    r = row._mapping
    return Task(
        id=TaskId(r["id"]),
        thread=Thread(team=r["team"], channel=r["channel"], ts=r["thread_ts"]),
        request_key=r["request_key"],
        request_ts=r["request_ts"],
        requester=r["requester"],
        text=r["text"],
        state=TaskState(r["state"]),
        state_at=r["state_at"],
        created_at=r["created_at"],
        attempt=r["attempt"],
        repos=tuple(r["repos"]),
        steered_by=tuple(r["steered_by"]),
        card_ts=r["card_ts"],
        previous=TaskId(r["previous"]) if r["previous"] is not None else None,
        note=r["note"],
        version=r["version"],
        painted_version=r["painted_version"],
    )


def as_change(row: Row[tuple[object, ...]]) -> Change:
    r = row._mapping
    return Change(
        task=TaskId(r["task"]),
        attempt=r["attempt"],
        repo=r["repo"],
        branch=r["branch"],
        base_branch=r["base_branch"],
        base_sha=r["base_sha"],
        head_sha=r["head_sha"],
        diff_hash=r["diff_hash"],
        stat=DiffStat(files=r["files"], added=r["added"], removed=r["removed"]),
        pull_request=PullRequest.model_validate(r["pull_request"]) if r["pull_request"] else None,
        landed_sha=r["landed_sha"],
    )


def as_check(row: Row[tuple[object, ...]]) -> Check:
    return Check.model_validate({k: v for k, v in row._mapping.items() if k not in {"id", "repo"}})


def as_turn(row: Row[tuple[object, ...]]) -> Turn:
    return Turn.model_validate(dict(row._mapping))


def as_decision(row: Row[tuple[object, ...]]) -> Decision:
    return Decision.model_validate({k: v for k, v in row._mapping.items() if k not in {"base_sha", "diff_hash"}})
