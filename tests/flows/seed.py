"""What flow tests find in the database: tasks as earlier flows left them."""

from datetime import datetime
from itertools import count

from slackbot.core.task import Change, DiffStat, PullRequest, Task, TaskState, Thread
from slackbot.store import tasks, work
from slackbot.store.database import Transaction
from tests.flows.home import Home

_numbers = count(1)


async def a_task(
    home: Home, state: TaskState, *, text: str = "fix the timeout", at: datetime | None = None, note: str = "",
    card_ts: str | None = "1.0", channel: str = "C1", repos: tuple[str, ...] = ("shop/checkout",),
) -> Task:  # fmt: skip
    """A task in a thread of its own that has been in its state since `at`."""
    number = next(_numbers)
    thread = Thread(team="T1", channel=channel, ts=f"1700000000.{number:06}")

    def query(tx: Transaction) -> Task:
        made = tasks.create(
            tx, f"message:{number}", thread, request_ts=thread.ts, requester="U1", text=text, state=state,
            repos=repos, at=at or home.clock(),
        )  # fmt: skip
        tasks.set_card(tx, made.id, card_ts, 0)
        return tasks.touch(tx, made.id, note=note)

    return await home.house.db.write(query)


async def landed(home: Home, task: Task, url: str | None = "https://forge.example/pull/7") -> Change:
    """The task's change, landed."""
    made = a_change(task).model_copy(
        update={"pull_request": PullRequest(id="7", url=url, branch=task.branch, head_sha="b" * 40, state="merged")}
    )

    def query(tx: Transaction) -> None:
        work.put_change(tx, made, "diff")
        work.set_landed(tx, made, "c" * 40)

    await home.house.db.write(query)
    return made


def a_change(task: Task) -> Change:
    return Change(
        task=task.id, attempt=task.attempt, repo=task.repos[0], branch=task.branch, base_branch="main",
        base_sha="a" * 40, head_sha="b" * 40, diff_hash="d" * 64, stat=DiffStat(files=1, added=20, removed=3),
    )  # fmt: skip
