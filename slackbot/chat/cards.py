"""Draws a task's card: what an engineer on call reads on a phone, most important first. Knows no network.

The parts are cut one by one; what is still too much for Slack loses its least important part.
"""

from typing import NamedTuple

from slackbot.chat.blocks import MESSAGE_LIMIT, Block, actions, context, section, size
from slackbot.chat.buttons import card_buttons
from slackbot.chat.card_parts import (
    change_lines,
    check_lines,
    check_tail,
    decision_lines,
    elapsed,
    note_line,
    plan_lines,
    where_it_stands,
)
from slackbot.chat.markup import line, link, moment, quote
from slackbot.core.card import Card
from slackbot.core.mrkdwn import plain_text, without_address
from slackbot.core.task import ENDS, TaskState, label

CARD_BLOCK = "pitcrew-card"  # the first block's id: this is how a card is told from our other posts
REQUEST_LIMIT = 240

_PLAN_SHOWN = frozenset({TaskState.RUNNING, TaskState.LANDING, TaskState.FAILED, TaskState.WAITING_FOR_INPUT})
_SINCE = {
    TaskState.QUEUED: "Waiting",
    TaskState.RUNNING: "Working",
    TaskState.WAITING_FOR_INPUT: "Waiting for an answer",
    TaskState.AWAITING_APPROVAL: "Waiting for a decision",
    TaskState.LANDING: "Landing",
    TaskState.BLOCKED: "Blocked",
}


class Drawn(NamedTuple):
    """`text` is what notifications and screen readers say."""

    blocks: list[Block]
    text: str


class _Part(NamedTuple):
    """`need` 0 is never left out; the highest goes first."""

    need: int
    block: Block


def draw(card: Card) -> Drawn:
    """The card's blocks and fallback text, inside all of Slack's limits whatever the card holds."""
    found = card_buttons(card)
    parts = [_Part(0, {**section(_head(card)), "block_id": CARD_BLOCK})]
    texts = ((need, "\n".join(lines)) for need, lines in _sections(card, found.left_out))
    parts += [_Part(need, section(text)) for need, text in texts if text.strip()]
    parts.append(_Part(5, context(_small_print(card))))
    if found.elements:
        parts.append(_Part(0, actions(found.elements)))
    return Drawn(_fitting(parts), _fallback(card))


def _sections(card: Card, left_out: int) -> list[tuple[int, list[str]]]:
    """What stands between head and small print, from top to bottom, with how readily it is left out."""
    task = card.task
    checks = tuple(check for check in card.checks if check.attempt == task.attempt)
    changes = tuple(shown for shown in card.changes if shown.change.attempt == task.attempt)
    plan = (4, plan_lines(card.plan) if task.state in _PLAN_SHOWN else [])
    results = (1, [*change_lines(changes, with_repo=len(task.repos) > 1), *check_lines(checks)])
    decisions = (3, decision_lines(card.decisions, card.now))
    opening = [(0, _notes(card, left_out)), (0, _now(card))]
    if task.state is TaskState.FAILED:
        return [*opening, results, (2, check_tail(checks)), plan, decisions]
    return [*opening, plan, results, decisions]


def _notes(card: Card, left_out: int) -> list[str]:
    notes = [note_line(card.task.note)] if card.task.note.strip() else []
    if left_out:
        notes.append(f"{left_out} more repositories found no room in the menu: answer in the thread with the name.")
    return notes


def _head(card: Card) -> str:
    return f"{where_it_stands(card)} · {_name(card)}\n{quote(_request(card) or '(no words)', REQUEST_LIMIT)}"


def _name(card: Card) -> str:
    """T42 · shop/checkout · attempt 2"""
    repos = line(", ".join(card.task.repos[:3]), 160)
    more = f" and {len(card.task.repos) - 3} more" if len(card.task.repos) > 3 else ""
    attempt = f"attempt {card.task.attempt}"
    return " · ".join(part for part in (card.task.label, repos + more, attempt) if part)


def _request(card: Card) -> str:
    return plain_text(without_address(card.task.text[:4000]))


def _now(card: Card) -> list[str]:
    """What is being done and since when; of a finished task, when it ended and how long it took."""
    task, at = card.task, moment(card.task.state_at, card.now)
    if task.state in ENDS:
        return [f"{at}, {elapsed(task.state_at - task.created_at)} after the request"]
    phase = line(card.phase, 120)
    lines = [f"*Now:* {phase} · since {at}" if phase else f"{_SINCE[task.state]} since {at}"]
    if card.step and task.state in (TaskState.RUNNING, TaskState.LANDING):
        lines.append(f"↳ {line(card.step, 160)}")
    return lines


def _small_print(card: Card) -> str:
    parts = [f"branch `{card.task.branch}`"] if card.changes else []
    if card.agent:
        parts.insert(0, line(card.agent, 120))
    if card.task.previous is not None:
        parts.append(f"follows {label(card.task.previous)}")
    if card.task_url:
        parts.append(link(card.task_url, "everything about it"))
    return " · ".join(parts) or card.task.label


def _fallback(card: Card) -> str:
    state = where_it_stands(card).replace("*", "")
    note = line(card.task.note, 200)
    return f"{state} · {_name(card)}: {note or line(_request(card), 140)}"


def _fitting(parts: list[_Part]) -> list[Block]:
    """The blocks that fit, the least important left out."""
    while size([part.block for part in parts]) > MESSAGE_LIMIT:
        parts.remove(max(parts, key=lambda part: part.need))
    return [part.block for part in parts]
