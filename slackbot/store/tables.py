"""The tables. Owns columns and indexes; `migrations/` makes them, and a test compares the two."""

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.engine import Dialect


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC datetimes on every database; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyText(TypeDecorator[str]):
    """Text of others: what no database takes, or only one of them, becomes U+FFFD instead of an error."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return _UNTAKEN.sub("\ufffd", value) if value is not None else None


_UNTAKEN = re.compile("[\x00\ud800-\udfff]")  # NUL (Postgres) and lone surrogates (no UTF-8)

metadata = MetaData()

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("request", JSON, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("handled_at", UtcTime),
    Index("inbox_by_thread", "channel", "thread_ts"),
    Index("inbox_unhandled", "received_at", sqlite_where=text("handled_at IS NULL"),
          postgresql_where=text("handled_at IS NULL")),
)  # fmt: skip

OPEN_STATES = "state NOT IN ('done', 'failed', 'cancelled')"

tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("request_key", String(400), nullable=False, unique=True),
    Column("request_ts", String(40), nullable=False),
    Column("requester", String(40), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("state_by", String(40)),
    Column("created_at", UtcTime, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("repos", JSON, nullable=False),
    Column("steered_by", JSON, nullable=False),
    Column("card_ts", String(40)),
    Column("card_tried_at", UtcTime),
    Column("previous", Integer),
    Column("note", AnyText, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("painted_version", Integer, nullable=False),
    Index("tasks_by_thread", "channel", "thread_ts"),
    Index("one_open_task_a_thread", "channel", "thread_ts", unique=True,
          sqlite_where=text(OPEN_STATES), postgresql_where=text(OPEN_STATES)),
    Index("tasks_by_state", "state", "state_at"),
    Index("tasks_by_state_time", "state_at"),
    Index("tasks_to_paint", "id", sqlite_where=text("painted_version < version"),
          postgresql_where=text("painted_version < version")),
    sqlite_autoincrement=True,
)  # fmt: skip


def _of_attempt() -> list[Column[Any]]:
    return [
        Column("task", Integer, ForeignKey("tasks.id"), primary_key=True),
        Column("attempt", Integer, primary_key=True),
    ]


attempts = Table(
    "attempts",
    metadata,
    *_of_attempt(),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("feedback", AnyText),
    Column("feedback_by", String(40)),
)

changes = Table(
    "changes",
    metadata,
    *_of_attempt(),
    Column("repo", String(200), primary_key=True),
    Column("branch", String(200), nullable=False),
    Column("base_branch", String(200), nullable=False),
    Column("base_sha", String(64), nullable=False),
    Column("head_sha", String(64), nullable=False),
    Column("diff_hash", String(64), nullable=False),
    Column("files", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("pull_request", JSON),
    Column("landed_sha", String(64)),
)

diffs = Table(
    "diffs",
    metadata,
    *_of_attempt(),
    Column("repo", String(200), primary_key=True),
    Column("text", AnyText, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    *_of_attempt(),
    Column("number", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("agent", String(100), nullable=False),
    Column("prompt", AnyText, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("outcome", String(40)),
    Column("answer", AnyText, nullable=False),
    Column("tokens", Integer),
    Index("turns_by_time", "started_at", "ended_at", "tokens"),
)

messages = Table(
    "messages",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("task", Integer, ForeignKey("tasks.id"), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("author", String(40), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("bot", Boolean, nullable=False),
    Column("instruction", Boolean, nullable=False),
    Column("turn", String(40)),
    Index("messages_by_task", "task", "ts"),
)

OVER_BUDGET = "duration_s > budget_s"

checks = Table(
    "checks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("task", Integer, ForeignKey("tasks.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("name", String(20), nullable=False),
    Column("repo", String(200), nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("exit_code", Integer),
    Column("duration_s", Float, nullable=False),
    Column("budget_s", Float),
    Column("output", AnyText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("checks_by_task", "task", "attempt"),
    Index("checks_over_budget", "at", "repo", "duration_s", "budget_s", sqlite_where=text(OVER_BUDGET),
          postgresql_where=text(OVER_BUDGET)),
)  # fmt: skip

decisions = Table(
    "decisions",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("task", Integer, ForeignKey("tasks.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("head_sha", String(64)),
    Column("base_sha", String(64)),
    Column("diff_hash", String(64)),
    Column("text", AnyText, nullable=False),
    Index("decisions_by_task", "task", "at"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("what", String(40), primary_key=True),
    Column("by", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
)

summaries = Table(
    "summaries",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("local_date", String(10), primary_key=True),
    Column("outcome", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("message_ts", String(40)),
)
