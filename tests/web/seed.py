"""Tasks as the pages meet them: one with a rework and a landing, and one whose every text is hostile."""

from datetime import UTC, datetime, timedelta

from slackbot.core.task import (
    Change,
    Check,
    Decision,
    DecisionKind,
    DiffStat,
    PullRequest,
    Task,
    TaskId,
    TaskState,
    Thread,
    Turn,
    TurnKind,
)
from slackbot.store import decisions, tasks, work
from slackbot.store.database import Database, Transaction

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
S = TaskState

DIFF = """\
diff --git a/payments/client.py b/payments/client.py
index 1111111111111111111111111111111111111111..2222222222222222222222222222222222222222 100644
--- a/payments/client.py
+++ b/payments/client.py
@@ -10,4 +10,5 @@ class Client:
     def charge(self, amount):
-        return self.session.post(self.url, json={"amount": amount})
+        reply = self.session.post(self.url, json={"amount": amount}, timeout=self.timeout_s)
+        return reply.json()
 
     def refund(self, charge):
diff --git a/docs/old.md b/docs/reliability.md
similarity index 90%
rename from docs/old.md
rename to docs/reliability.md
index 3333333333333333333333333333333333333333..4444444444444444444444444444444444444444 100644
--- a/docs/old.md
+++ b/docs/reliability.md
@@ -1,2 +1,2 @@
 # Reliability
--- every call has a timeout?
+-- every call has a timeout.
\\ No newline at end of file
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000000000000000000000000000000000000..5555555555555555555555555555555555555555
Binary files /dev/null and b/logo.png differ
"""
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> \x1b[31m\x00 \u202egnp.exe {{ 7*7 }} </pre>"


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def make(tx: Transaction, number: int, state: TaskState, text: str, minutes: float = 30) -> Task:
    where = Thread(team="T1", channel="C0INCIDENT", ts=f"1700000000.{number:06}")
    return tasks.create(
        tx, f"message:{number}", where, request_ts=where.ts, requester="U0ANN", text=text, state=state,
        repos=("shop/checkout",), at=ago(minutes),
    )  # fmt: skip


def change(task: TaskId, attempt: int = 1, repo: str = "shop/checkout") -> Change:
    return Change(
        task=task, attempt=attempt, repo=repo, branch=f"pitcrew/T{task}-{attempt}", base_branch="main",
        base_sha="a" * 40, head_sha=f"{attempt}b" * 20, diff_hash="d" * 64,
        stat=DiffStat(files=3, added=3, removed=2),
    )  # fmt: skip


def turn(task: TaskId, attempt: int, number: int, kind: TurnKind, prompt: str, minutes: float) -> Turn:
    return Turn(
        task=task, attempt=attempt, number=number, kind=kind, agent="demo (no AI)", prompt=prompt,
        started_at=ago(minutes),
    )  # fmt: skip


def run(task: TaskId, attempt: int, ok: bool, output: str, duration_s: float = 2.5, minutes: float = 20) -> Check:
    return Check(
        task=task, attempt=attempt, name="check", ok=ok, exit_code=0 if ok else 1, duration_s=duration_s, budget_s=60,
        output=output, at=ago(minutes),
    )  # fmt: skip


async def landed_task(database: Database, diff: str = DIFF) -> Task:
    """Two attempts, the first reworked, the second landed. It is T1 in a fresh database."""
    return await database.write(_landed, diff)


def _landed(tx: Transaction, diff: str) -> Task:
    text = "Checkout hangs when the bank is slow.\nPayments pile up since 11:20, please give the client a timeout."
    task = make(tx, 1, S.AWAITING_APPROVAL, text, minutes=50)
    _attempt(tx, task.id, 1, 48, diff)
    rework = Decision(
        key="modal:1", task=task.id, attempt=1, kind=DecisionKind.REWORK, by="U0BOB", at=ago(30),
        text="The timeout must be a setting.",
    )  # fmt: skip
    decisions.keep(tx, rework)
    tasks.end_attempt(tx, task.id, 1, ago(30), rework.text, rework.by)
    tasks.start_next_attempt(tx, task.id, [S.AWAITING_APPROVAL], 1, at=ago(30), by="U0BOB")
    _attempt(tx, task.id, 2, 28, diff)
    approve = Decision(
        key="click:2", task=task.id, attempt=2, kind=DecisionKind.APPROVE, by="U0BOB", at=ago(10), head_sha="2b" * 20
    )
    decisions.keep(tx, approve, change(task.id, 2))
    work.set_landed(tx, change(task.id, 2), "e" * 40)
    tasks.end_attempt(tx, task.id, 2, ago(9))
    for source, target in ((S.QUEUED, S.RUNNING), (S.RUNNING, S.AWAITING_APPROVAL), (S.AWAITING_APPROVAL, S.LANDING)):
        tasks.move(tx, task.id, [source], target, at=ago(10), by=None)
    moved = tasks.move(tx, task.id, [S.LANDING], S.DONE, at=ago(9), note="Landed in main.")
    assert isinstance(moved, tasks.Moved)
    return moved.task


def _attempt(tx: Transaction, task: TaskId, number: int, minutes: float, diff: str) -> None:
    tasks.begin_attempt(tx, task, number, ago(minutes))
    work.begin_turn(tx, turn(task, number, 1, TurnKind.REQUEST, "# The request\n\nFix the timeout.", minutes))
    work.end_turn(tx, task, number, 1, at=ago(minutes - 5), outcome="completed", answer="I gave it one.", tokens=1234)
    work.keep_check(tx, run(task, number, False, "FAILED test_a_slow_bank\n1 failed", 71, minutes - 6), "shop/checkout")
    work.begin_turn(tx, turn(task, number, 2, TurnKind.CHECK, "The check failed:\n1 failed", minutes - 7))
    work.end_turn(tx, task, number, 2, at=ago(minutes - 9), outcome="completed", answer="Now it passes.")
    work.keep_check(tx, run(task, number, True, "4 passed", 2.5, minutes - 10), "shop/checkout")
    made = change(task, number)
    work.put_change(tx, made, diff)
    pull_request = PullRequest(id="7", url="https://github.test/pull/7", branch=made.branch, head_sha=made.head_sha)
    work.set_pull_request(tx, made, pull_request)


async def hostile_task(database: Database) -> Task:
    """A waiting task whose every text is an attack."""
    return await database.write(_hostile)


def _hostile(tx: Transaction) -> Task:
    task = make(tx, 66, S.AWAITING_APPROVAL, HOSTILE)
    tasks.begin_attempt(tx, task.id, 1, ago(30))
    work.begin_turn(tx, turn(task.id, 1, 1, TurnKind.REQUEST, HOSTILE + "x" * 300_000, 30))
    work.end_turn(tx, task.id, 1, 1, at=ago(20), outcome="completed", answer=HOSTILE)
    work.keep_check(tx, run(task.id, 1, False, HOSTILE + "y" * 300_000), "shop/checkout")
    head = 'diff --git "a/<script>\\033.py" "b/<script>\\033.py"\n--- "a/<script>\\033.py"\n+++ "b/<script>\\033.py"\n'
    work.put_change(tx, change(task.id), f"{head}@@ -1 +1 @@ <script>\n-{HOSTILE}\n+{HOSTILE}{'z' * 300_000}\n")
    bad = PullRequest(id=HOSTILE, url="javascript:alert(1)", branch="b", head_sha="c" * 40)
    work.set_pull_request(tx, change(task.id), bad)
    stop = Decision(key="x", task=task.id, attempt=1, kind=DecisionKind.STOP, by="U1", at=ago(1), text=HOSTILE)
    decisions.keep(tx, stop)
    return tasks.touch(tx, task.id, note=HOSTILE)
