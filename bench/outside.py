"""Puts what waiting tasks have outside the database where the bot looks: branches, pull requests, cards."""

import sqlite3
from pathlib import Path

from bench.house import database
from slackbot.playground.model import Draft, Message
from tests.stage import ALICE, INCIDENTS, REPO, Stage


def show_outside(stage: Stage, tasks: int) -> None:
    """For tasks 2 to `tasks`, copies of task 1, while no bot runs."""
    subscribed, stage.slack.subscriptions = stage.slack.subscriptions, frozenset()
    card = stage.cards()[0]
    times = [_show_card(stage, card, number) for number in range(2, tasks + 1)]
    stage.slack.subscriptions = subscribed
    rows = sqlite3.connect(database(stage))
    rows.executemany("UPDATE tasks SET thread_ts = ?, request_ts = ?, card_ts = ? WHERE id = ?", times)
    rows.commit()
    rows.close()
    _copy_branches(stage.origins[REPO].path, tasks)
    _copy_pull_requests(stage.folder / "data" / "pulls", tasks)


def _show_card(stage: Stage, card: Message, number: int) -> tuple[str, str, str, int]:
    """A request and a card under it; their ts for the task's row."""
    workspace = stage.slack.workspace
    asked = workspace.post(Draft(channel=INCIDENTS, user=ALICE, text="please add a line")).ts
    shown = Draft(
        channel=INCIDENTS, user=card.user, bot_id=card.bot_id, text=card.text, thread_ts=asked, blocks=card.blocks,
        metadata=card.metadata,
    )  # fmt: skip
    return asked, asked, workspace.post(shown).ts, number


def _copy_branches(origin: Path, tasks: int) -> None:
    """Packed, as git itself keeps very many."""
    sha = (origin / "refs/heads/pitcrew/T1-1").read_text().strip()
    names = sorted(f"refs/heads/pitcrew/T{number}-1" for number in range(2, tasks + 1))
    lines = ["# pack-refs with: peeled fully-peeled sorted ", *(f"{sha} {name}" for name in names), ""]
    (origin / "packed-refs").write_text("\n".join(lines))


def _copy_pull_requests(records: Path, tasks: int) -> None:
    first = next(records.glob("*/*T1-1.json"))
    text = first.read_text()
    for number in range(2, tasks + 1):
        name = f"T{number}-1"
        (first.parent / first.name.replace("T1-1", name)).write_text(text.replace("T1-1", name))
