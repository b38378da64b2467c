"""What a daily summary says: figures in, sentences out. Reads nothing, posts nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from slackbot.core.card import ChangeLine
from slackbot.core.say import Fact, Link, Said, Words, say
from slackbot.core.task import Task, TaskId, TaskState
from slackbot.store.summaries import Listed, SlowCheck, Spent

# All of these together keep the fullest summary below what one Slack message holds, links included.
LISTED = 10
LISTED_AT_WORK = 5
LINES_A_SECTION = 6
REQUEST_CHARS = 50
NOTE_CHARS = 100

ALL_QUIET = "*Pitcrew, {date}* ({name}): all quiet. Nothing landed, nothing failed and nothing waits for you. :sunny:"
HEADLINE = (
    "*Pitcrew, {date}* ({name}): {landed} landed, {waiting} waiting for a decision, {at_work} at work, {failed} failed"
)
LINE = "• {task} {repos}: {request} · "
IN_PRIVATE = "asked in a direct message"
SLOW = (
    "*Check over budget* in `{repo}`: {runs} of its runs, the slowest took {slowest} of {budget}. "
    "Shall I make it faster? Mention me with: _make the check of {repo} faster_"
)
SPENT = "*Spent*: agents' turns {turns}, their time {time}{tokens}; answered without a change: {answered}"

STANDING = {
    TaskState.AWAITING_APPROVAL: "waits for approval",
    TaskState.BLOCKED: "approved but cannot land",
    TaskState.WAITING_FOR_INPUT: "waits for an answer",
    TaskState.QUEUED: "queued",
    TaskState.RUNNING: "running",
    TaskState.LANDING: "landing",
}


@dataclass(frozen=True)
class Figures:
    """What a summary reports; `changes` are what the listed landed tasks brought."""

    landed: Listed
    changes: Mapping[TaskId, tuple[ChangeLine, ...]]
    answered: int
    waiting: Listed
    at_work: Listed
    failed: Listed
    slow: tuple[SlowCheck, ...]
    spent: Spent

    @property
    def shown(self) -> list[Task]:
        """Every task that is listed by name."""
        return [task for listed in self._lists for task in listed.tasks]

    @property
    def all_quiet(self) -> bool:
        return not any((*(listed.total for listed in self._lists), self.answered, self.slow, self.spent.turns))

    @property
    def _lists(self) -> tuple[Listed, ...]:
        return self.landed, self.waiting, self.at_work, self.failed


def report(
    name: str, local_date: str, figures: Figures, links: Mapping[TaskId, Link | str], now: datetime
) -> list[Said]:
    """The sections of the message; the first is also what a notification shows."""
    day = f"{date.fromisoformat(local_date):%a %d %b %Y}"
    if figures.all_quiet:
        return [say(ALL_QUIET, date=day, name=name)]
    standing = {task.id: _standing(task, now) for task in (*figures.waiting.tasks, *figures.at_work.tasks)}
    landed = {task.id: _landed(figures.changes.get(task.id, ())) for task in figures.landed.tasks}
    failed = {task.id: say("{note}", note=_short(task.note)) for task in figures.failed.tasks}
    return [
        _headline(name, day, figures),
        *_section("Landed", figures.landed, links, landed),
        *_section("Waiting for a decision", figures.waiting, links, standing),
        *_section("At work", figures.at_work, links, standing),
        *_section("Failed", figures.failed, links, failed),
        *(_slow(slow) for slow in figures.slow),
        _spent(figures),
    ]


def _headline(name: str, day: str, figures: Figures) -> Said:
    counts = {
        "landed": figures.landed.total,
        "waiting": figures.waiting.total,
        "at_work": figures.at_work.total,
        "failed": figures.failed.total,
    }
    return say(HEADLINE, date=day, name=name, **counts)


def _section(
    title: str, listed: Listed, links: Mapping[TaskId, Link | str], tails: Mapping[TaskId, Said]
) -> list[Said]:
    if not listed.total:
        return []
    lines = [say("*{title}*", title=title)]
    lines += [_line(task, links[task.id], tails[task.id]) for task in listed.tasks]
    if listed.total > len(listed.tasks):
        lines.append(say("… and {count} more", count=listed.total - len(listed.tasks)))
    return [joined(lines[n : n + LINES_A_SECTION]) for n in range(0, len(lines), LINES_A_SECTION)]


def _line(task: Task, link: Link | str, tail: Said) -> Said:
    # Others do not read along in direct messages, so what was said there stays there.
    private = task.thread.channel.startswith("D")
    request = IN_PRIVATE if private else Words(text=task.text, limit=REQUEST_CHARS)
    repos = ", ".join(task.repos) or "no repository yet"
    return say(LINE + tail.template, task=link, repos=repos, request=request, **tail.facts)


def _standing(task: Task, now: datetime) -> Said:
    return say("{standing} for {age}", standing=STANDING[task.state], age=age(now - task.state_at))


def _landed(changes: tuple[ChangeLine, ...]) -> Said:
    """What landed, each a link to its pull request, or to our page of the diff."""
    lines = [
        say("{sha} +{added} −{removed}", sha=_sha(made), added=made.change.stat.added, removed=made.change.stat.removed)
        for made in changes
    ]
    return joined(lines, ", ")


def _sha(made: ChangeLine) -> Link | str:
    shown, pull_request = (made.change.landed_sha or "")[:10], made.change.pull_request
    url = (pull_request.url if pull_request else None) or made.diff_url
    return Link(text=shown, url=url) if url else shown


def _short(note: str) -> str:
    line = " ".join(note.split()) or "no reason was kept"
    return line if len(line) <= NOTE_CHARS else line[: NOTE_CHARS - 1] + "…"


def _slow(slow: SlowCheck) -> Said:
    slowest, budget = _span(slow.slowest_s), _span(slow.budget_s)
    return say(SLOW, repo=slow.repo, runs=slow.runs, slowest=slowest, budget=budget)


def _spent(figures: Figures) -> Said:
    spent = figures.spent
    tokens = f", tokens {spent.tokens:,}" if spent.tokens else ""
    return say(SPENT, turns=spent.turns, time=_span(spent.agent_s), tokens=tokens, answered=figures.answered)


def joined(lines: Iterable[Said], between: str = "\n") -> Said:
    """Several sentences as one; their facts get numbers, so that same names do not meet."""
    templates: list[str] = []
    facts: dict[str, Fact] = {}
    for number, line in enumerate(lines):
        renamed = {name: f"{name}_{number}" for name in line.facts}
        templates.append(line.template.format(**{old: f"{{{new}}}" for old, new in renamed.items()}))
        facts |= {new: line.facts[old] for old, new in renamed.items()}
    return Said(template=between.join(templates), facts=facts)


def _span(seconds: float) -> str:
    return age(timedelta(seconds=seconds))


def age(span: timedelta) -> str:
    """A span in the two largest units that say something: 3 d 4 h, 2 h 5 min, 40 s."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit, smaller, small_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {unit} {rest} {small_unit}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"
