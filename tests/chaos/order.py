"""What must hold when every task has ended, whatever happened on the way: one card, one landing, nothing left."""

import json
import os
from collections import Counter
from pathlib import Path

from sqlalchemy import create_engine, text

from slackbot.settings import database_url
from tests.stage import Stage, key_of, label_of

SETTLES_S = 30.0
LEFT_OVER = ("workspaces", "homes", "indexes")
UNFINISHED = "SELECT name, status FROM {}workflow_status WHERE status <> 'SUCCESS'"


async def settles(stage: Stage) -> None:
    """Wait until nothing is wrong any more; fails with what is."""
    try:
        await stage.until(lambda: _in_order(stage), SETTLES_S)
    except TimeoutError:
        raise AssertionError("\n".join([*faults(stage), stage.slack.transcript()])) from None


def _in_order(stage: Stage) -> bool:
    try:
        return not faults(stage)
    except FileNotFoundError:
        return False  # a folder is being thrown away while we look into it


def faults(stage: Stage) -> list[str]:
    """Everything that is not as it must be after the end."""
    return [
        *_in_the_database(stage),
        *_of_posts(stage),
        *_of_pull_requests(stage),
        *_at_the_origins(stage),
        *_on_disk(stage),
        *(f"process {pid} lives: {what}" for pid, what in processes_of(stage)),
    ]


def _in_the_database(stage: Stage) -> list[str]:
    url = database_url(stage.environment.get("SLACKBOT_DATABASE_URL"), stage.folder / "data")
    engine = create_engine(url)
    schema = "" if url.startswith("sqlite") else "dbos."
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT key FROM inbox WHERE handled_at IS NULL")).scalars().all()
            tasks = connection.execute(text("SELECT id, state FROM tasks")).all()
            flows = connection.execute(text(UNFINISHED.format(schema))).all()
    finally:
        engine.dispose()
    return [
        *(f"inbox row not handled: {key}" for key in rows),
        *(f"T{task} is {state}" for task, state in tasks if state not in {"done", "cancelled"}),
        *(f"flow {name} is {status}" for name, status in flows),
    ]


def _of_posts(stage: Stage) -> list[str]:
    """Every post of the bot's carries a key, and no key is there twice: cards, answers, replies, summaries."""
    channels = stage.slack.workspace.channels
    posted = [message for channel in channels for message in stage.slack.workspace.messages.in_channel(channel)]
    times = Counter(key for message in posted if (key := key_of(message)))
    times += Counter(map(label_of, stage.cards()))
    return [f"{count} posts of {what}" for what, count in times.items() if count > 1]


def _of_pull_requests(stage: Stage) -> list[str]:
    """One record per attempt; merged is at most the last one of a task, and none is open."""
    found = []
    merged: Counter[str] = Counter()
    for path in _files_below(stage.folder / "data" / "pulls"):
        if path.suffix != ".json":
            found.append(f"left over: {path}")
            continue
        state, branch = _state_of(path)
        if state == "open":
            found.append(f"the pull request of {branch} is open")
        merged[branch.rpartition("-")[0]] += state == "merged"
    return found + [f"{count} merged pull requests of {task}" for task, count in merged.items() if count > 1]


def _state_of(path: Path) -> tuple[str, str]:
    shown = json.loads(path.read_text())["pull_request"]
    return shown["state"], shown["branch"]


def _at_the_origins(stage: Stage) -> list[str]:
    return [
        f"branch {branch} at the origin"
        for origin in stage.origins.values()
        for branch in origin.branches()
        if branch != "main"
    ]


def _on_disk(stage: Stage) -> list[str]:
    data = stage.folder / "data"
    left = [path for name in LEFT_OVER for path in (data / name).glob("*")]
    left += _files_below(data / "scratch")
    kept = [*_files_below(data / "mirrors"), *_files_below(data / "indexes")]
    left += [path for path in kept if path.suffix == ".lock" or "/refs/heads/pitcrew/" in str(path)]
    left += (data / "mirrors").glob("*+making")
    return [f"left over: {path.relative_to(data)}" for path in left]


def _files_below(folder: Path) -> list[Path]:
    """What is there while the bot deletes it: os.walk passes over a folder that went away."""
    return [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]


def processes_of(stage: Stage) -> list[tuple[int, str]]:
    """Processes that work in the stage's folder or were told of it, the bot itself aside."""
    bot = stage.bot.pid if stage.bot is not None else 0
    folder = str(stage.folder)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in {bot, os.getpid()}:
            continue
        try:
            told = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            place = str((entry / "cwd").readlink())
        except OSError:  # it ended while we looked, or is a zombie
            continue
        if folder in told or place.startswith(folder):
            found.append((int(entry.name), told[:200]))
    return found
