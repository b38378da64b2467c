"""Makes a database that has seen much: one real task, done by the real bot, copied with everything it left.

Also the engine's rows. Refuses to know what any of them means.
"""

import sqlite3
from pathlib import Path

from tests.stage import BOB, Stage

OURS = ("tasks", "attempts", "changes", "diffs", "turns", "messages", "checks", "decisions", "inbox")
THE_ENGINES = ("workflow_status", "workflow_input", "workflow_output", "operation_outputs")
SPREAD_S = 86.4  # a thousand tasks a day, back from now
# What tells a copy from its original, by column; every other column, and every other of the engine's, is kept as it is.
NUMBERED = "{c} || ':' || n"
SHIFTED = "strftime('%Y-%m-%d %H:%M:%f', {c}, '-' || (n * " + str(SPREAD_S) + ") || ' seconds') || '000'"
RENAMED = "replace({c}, 'T1-1', 'T' || n || '-1')"
ENGINES_KEY = "workflow_uuid"
CHANGED = {
    "task": "n", "key": NUMBERED, "request_key": NUMBERED, ENGINES_KEY: NUMBERED, "ts": NUMBERED,
    "thread_ts": NUMBERED, "request_ts": NUMBERED, "card_ts": NUMBERED, "branch": RENAMED, "pull_request": RENAMED,
    "prompt": "substr({c}, 1, 500)", "text": "substr({c}, 1, 500)",
    **dict.fromkeys(("state_at", "created_at", "at", "started_at", "ended_at", "received_at", "handled_at"), SHIFTED),
}  # fmt: skip


async def one_task(stage: Stage, *, landed: bool) -> None:
    """Let the bot do one task, until people decide or until it landed; then the bot is stopped."""
    await stage.start_bot()
    ts = await stage.mention("please add a line")
    card = await stage.card_with(ts, "[Approve]", timeout_s=60)
    if landed:
        await stage.click(BOB, card, "approve")
        await stage.card_with(ts, "Landed", timeout_s=60)
    await stop(stage)


async def stop(stage: Stage) -> None:
    """End the bot as an operator does, until nothing of it is left at Slack."""
    await stage.stop_bot()
    await stage.slack.until(lambda: not stage.slack.socket.connections)


def multiply(file: Path, copies: int, tables: tuple[str, ...] = (*OURS, *THE_ENGINES)) -> None:
    """Copy task 1 of a database so many times. Nobody else may have it open."""
    rows = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
        rows.execute(f"PRAGMA {pragma}")
    rows.execute("BEGIN")
    rows.execute("CREATE TEMP TABLE copies (n INTEGER PRIMARY KEY)")
    rows.execute(
        "WITH RECURSIVE up(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM up WHERE n <= ?) INSERT INTO copies "
        "SELECT n FROM up",
        (copies,),
    )
    for table in tables:
        rows.execute(_copying(rows, table))
    rows.execute("COMMIT")
    rows.execute("PRAGMA journal_mode=WAL")
    rows.close()


def _copying(rows: sqlite3.Connection, table: str) -> str:
    there = [str(row[1]) for row in rows.execute(f"PRAGMA table_info({table})")]
    columns = [name for name in there if (table, name) != ("checks", "id")]
    made = [_made(table, name) for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {', '.join(made)} FROM copies CROSS JOIN {table}"


def _made(table: str, column: str) -> str:
    if (table, column) == ("tasks", "id"):
        return "n"
    if table in THE_ENGINES and column != ENGINES_KEY:
        return f'{table}."{column}"'
    return CHANGED.get(column, "{c}").replace("{c}", f'{table}."{column}"')
