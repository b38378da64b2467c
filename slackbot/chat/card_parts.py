"""The lines of a card: plan, checks, changes, decisions. Each gives safe mrkdwn of bounded length; knows no blocks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from slackbot.chat.markup import clip, code, fence, line, link, mention, moment, unfenced
from slackbot.core.agent import PlanStep
from slackbot.core.card import Card, ChangeLine
from slackbot.core.task import Check, Decision, DecisionKind, TaskState

PLAN_STEPS = 8
CHECK_LINES = 5
CHANGE_LINES = 3
DECISION_LINES = 4
TAIL_LINES = 6

_MARKS = {"completed": "✓", "in_progress": "▸", "pending": "◦"}
_DECIDED = {
    DecisionKind.APPROVE: "Approved by",
    DecisionKind.REWORK: "Attempt {attempt} sent back by",
    DecisionKind.STOP: "Stopped by",
    DecisionKind.RETRY: "Retried by",
    DecisionKind.REPOSITORY: "Repository chosen by",
}


def plan_lines(steps: Sequence[PlanStep]) -> list[str]:
    """At most PLAN_STEPS of the plan, those around what is being done now, and how many are left out on each side."""
    first = _window_start(steps)
    shown = steps[first : first + PLAN_STEPS]
    lines = [_plan_line(step) for step in shown]
    if first:
        lines.insert(0, f"_… {first} before_")
    if after := len(steps) - first - len(shown):
        lines.append(f"_… {after} more_")
    return lines


def _window_start(steps: Sequence[PlanStep]) -> int:
    """Two finished steps stay in sight above the current one; the list ends full where it can."""
    done = sum(1 for step in steps if step.status == "completed")
    current = next((place for place, step in enumerate(steps) if step.status == "in_progress"), done)
    return max(0, min(current - 2, len(steps) - PLAN_STEPS))


def _plan_line(step: PlanStep) -> str:
    title = line(step.title, 110) or "(no title)"
    if step.status == "in_progress":
        title = f"*{title.replace('*', '')}*"
    return f"{_MARKS[step.status]} {title}"


def check_lines(checks: Sequence[Check]) -> list[str]:
    """The newest runs of setup and check with their times; a run over its budget says so."""
    earlier = len(checks) - CHECK_LINES
    lines = [_check_line(check) for check in checks[-CHECK_LINES:]]
    return [f"_… {earlier} earlier runs_", *lines] if earlier > 0 else lines


def _check_line(check: Check) -> str:
    name, took = line(check.name, 40), seconds(check.duration_s)
    if check.exit_code is None and not check.ok:
        return f"✗ {name} hit its time limit after {took}"
    text = f"✓ {name} {took}" if check.ok else f"✗ {name} failed after {took} (exit code {check.exit_code})"
    return f"{text} ⚠️ over its budget of {seconds(check.budget_s or 0)}" if check.over_budget else text


def check_tail(checks: Sequence[Check]) -> list[str]:
    """The last lines of the newest run, when it failed: what one wants to see before opening anything."""
    if not checks or checks[-1].ok or not checks[-1].output.strip():
        return []
    tail = [text[:160] for text in checks[-1].output[-4000:].strip().splitlines()[-TAIL_LINES:]]
    return [fence("\n".join(tail), 700)]


def change_lines(changes: Sequence[ChangeLine], with_repo: bool) -> list[str]:
    """What changed, with links to the diff and the pull request."""
    lines = [_change_line(change, with_repo) for change in changes[:CHANGE_LINES]]
    more = len(changes) - CHANGE_LINES
    return [*lines, f"_… and {more} more repositories_"] if more > 0 else lines


def _change_line(shown: ChangeLine, with_repo: bool) -> str:
    change, pull_request = shown.change, shown.change.pull_request
    files = "1 file" if change.stat.files == 1 else f"{change.stat.files:,} files"
    parts = [f"{files}, +{change.stat.added:,} −{change.stat.removed:,}"]
    if shown.diff_url:
        parts.append(link(shown.diff_url, "See the diff"))
    if pull_request and pull_request.url and pull_request.url != shown.diff_url:
        parts.append(link(pull_request.url, f"Pull request {pull_request.id}", 60))
    if change.landed_sha:
        parts.append(f"landed as {code(change.landed_sha[:10], 20)}")
    name = f"*{line(change.repo, 80)}*: " if with_repo else ""
    return "± " + name + " · ".join(parts)


def decision_lines(decisions: Sequence[Decision], now: datetime) -> list[str]:
    """Who decided what and when, newest last; what was wrong with an attempt is quoted."""
    earlier = len(decisions) - DECISION_LINES
    lines = [f"_… {earlier} earlier decisions_"] if earlier > 0 else []
    for decision in decisions[-DECISION_LINES:]:
        decided = _DECIDED[decision.kind].format(attempt=decision.attempt)
        lines.append(f"{decided} {mention(decision.by)} {moment(decision.at, now)}")
        if decision.text.strip():
            lines.append(f"> {line(decision.text, 280)}")
    return lines


def where_it_stands(card: Card) -> str:
    """The state in words, with a mark that can be told apart at arm's length."""
    task = card.task
    match task.state:
        case TaskState.QUEUED:
            place = f", {_ordinal(card.place_in_queue)} in the queue" if card.place_in_queue else ""
            if card.paused_by:
                return f"⏸️ *Paused* by {mention(card.paused_by)}{place}"
            return f"⏳ *Waiting for a free place*{place}"
        case TaskState.RUNNING:
            return "🛠️ *Working on it*"
        case TaskState.WAITING_FOR_INPUT:
            return "❓ *Needs your answer*"
        case TaskState.AWAITING_APPROVAL:
            return "👀 *Ready for your decision*"
        case TaskState.LANDING:
            return "🛬 *Approved, landing now*"
        case TaskState.BLOCKED:
            return "🚧 *Approved, but it cannot land*"
        case TaskState.DONE:
            landed = any(shown.change.landed_sha for shown in card.changes)
            return "✅ *Landed*" if landed else "✅ *Answered*"
        case TaskState.FAILED:
            return "❌ *Failed*"
        case TaskState.CANCELLED:
            return "⏹️ *Stopped*"


def seconds(value: float) -> str:
    """A run's time, which people compare: 12.3 s, 4 min 05 s, 2 h 10 min."""
    if value < 100:
        return f"{value:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def elapsed(span: timedelta) -> str:
    """How long something took, roughly: 40 s, 17 min, 3 h 05 min, 2 days."""
    whole = max(0, round(span.total_seconds()))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes < 48 * 60 else f"{minutes // 1440} days"


def note_line(note: str) -> str:
    return unfenced(clip(note.strip(), 900))


def _ordinal(place: int) -> str:
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return "next" if place == 1 else f"{place}{ending}"
