"""The first tables: inbox, tasks, attempts and what they leave behind, decisions, summaries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state NOT IN ('done', 'failed', 'cancelled')")
UNPAINTED = sa.text("painted_version < version")
OVER_BUDGET = sa.text("duration_s > budget_s")
UNHANDLED = sa.text("handled_at IS NULL")


def _of_attempt() -> list[sa.Column]:
    return [
        sa.Column("task", sa.Integer, sa.ForeignKey("tasks.id"), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
    ]


def upgrade() -> None:
    _inbox()
    _tasks()
    _work()
    _decisions()


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("thread_ts", sa.String(40), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("handled_at", TIME),
    )
    op.create_index("inbox_by_thread", "inbox", ["channel", "thread_ts"])
    op.create_index("inbox_unhandled", "inbox", ["received_at"], sqlite_where=UNHANDLED, postgresql_where=UNHANDLED)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("thread_ts", sa.String(40), nullable=False),
        sa.Column("request_key", sa.String(400), nullable=False, unique=True),
        sa.Column("request_ts", sa.String(40), nullable=False),
        sa.Column("requester", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_at", TIME, nullable=False),
        sa.Column("state_by", sa.String(40)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("repos", sa.JSON, nullable=False),
        sa.Column("steered_by", sa.JSON, nullable=False),
        sa.Column("card_ts", sa.String(40)),
        sa.Column("card_tried_at", TIME),
        sa.Column("previous", sa.Integer),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("sealed", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("painted_version", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("tasks_by_thread", "tasks", ["channel", "thread_ts"])
    op.create_index(
        "one_open_task_a_thread", "tasks", ["channel", "thread_ts"], unique=True, sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip
    op.create_index("tasks_by_state", "tasks", ["state", "state_at"])
    op.create_index("tasks_by_state_time", "tasks", ["state_at"])
    op.create_index("tasks_to_paint", "tasks", ["id"], sqlite_where=UNPAINTED, postgresql_where=UNPAINTED)


def _work() -> None:
    op.create_table(
        "attempts",
        *_of_attempt(),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("feedback", sa.Text),
        sa.Column("feedback_by", sa.String(40)),
    )
    op.create_table(
        "changes",
        *_of_attempt(),
        sa.Column("repo", sa.String(200), primary_key=True),
        sa.Column("branch", sa.String(200), nullable=False),
        sa.Column("base_branch", sa.String(200), nullable=False),
        sa.Column("base_sha", sa.String(64), nullable=False),
        sa.Column("head_sha", sa.String(64), nullable=False),
        sa.Column("diff_hash", sa.String(64), nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.Column("pull_request", sa.JSON),
        sa.Column("landed_sha", sa.String(64)),
    )
    op.create_table(
        "diffs",
        *_of_attempt(),
        sa.Column("repo", sa.String(200), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "turns",
        *_of_attempt(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("agent", sa.String(100), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("outcome", sa.String(40)),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("tokens", sa.Integer),
    )
    op.create_index("turns_by_time", "turns", ["started_at", "ended_at", "tokens"])
    op.create_table(
        "messages",
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("task", sa.Integer, sa.ForeignKey("tasks.id"), nullable=False),
        sa.Column("ts", sa.String(40), nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("bot", sa.Boolean, nullable=False),
        sa.Column("instruction", sa.Boolean, nullable=False),
        sa.Column("turn", sa.String(40)),
    )
    op.create_index("messages_by_task", "messages", ["task", "ts"])
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("task", sa.Integer, sa.ForeignKey("tasks.id"), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("repo", sa.String(200), nullable=False),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("exit_code", sa.Integer),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("budget_s", sa.Float),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_index("checks_by_task", "checks", ["task", "attempt"])
    op.create_index(
        "checks_over_budget", "checks", ["at", "repo", "duration_s", "budget_s"], sqlite_where=OVER_BUDGET,
        postgresql_where=OVER_BUDGET,
    )  # fmt: skip


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("task", sa.Integer, sa.ForeignKey("tasks.id"), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("head_sha", sa.String(64)),
        sa.Column("base_sha", sa.String(64)),
        sa.Column("diff_hash", sa.String(64)),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("decisions_by_task", "decisions", ["task", "at"])
    op.create_table(
        "pauses",
        sa.Column("what", sa.String(40), primary_key=True),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_table(
        "summaries",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("local_date", sa.String(10), primary_key=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("until", TIME),
        sa.Column("message_ts", sa.String(40)),
    )
