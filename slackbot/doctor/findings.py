"""What a check says, what a report is made of, and that no secret is in it. Knows no check."""

import json
from collections.abc import Iterable
from typing import Literal

from slackbot.core.model import Frozen

SHORTEST_SECRET = 6  # hiding every "a" would make a report unreadable
UNCHECKED = "Put right what is marked with ✗, then run `slackbot doctor` again."


class Verdict(Frozen):
    """What was seen and what to do about it; `next_step` is empty when nothing is to be done."""

    status: Literal["ok", "warning", "fault"]
    said: str
    next_step: str = ""


class Finding(Verdict):
    """A verdict with the name of its check, which stays the same from version to version."""

    name: str


class Report(Frozen):
    checks: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return self.count("fault") == 0

    @property
    def exit_code(self) -> int:
        return 0 if self.ok else 1

    def count(self, status: str) -> int:
        return sum(finding.status == status for finding in self.checks)

    def document(self) -> str:
        """JSON for programs: {"ok": bool, "checks": [{"name", "status", "said", "next_step"}]}."""
        checks = [{key: getattr(one, key) for key in ("name", "status", "said", "next_step")} for one in self.checks]
        return json.dumps({"ok": self.ok, "checks": checks}, indent=2, ensure_ascii=False)


def ok(said: str) -> Verdict:
    return Verdict(status="ok", said=said)


def warning(said: str, next_step: str) -> Verdict:
    return Verdict(status="warning", said=said, next_step=next_step)


def fault(said: str, next_step: str) -> Verdict:
    return Verdict(status="fault", said=said, next_step=next_step)


def unchecked(reason: str) -> Verdict:
    """Not looked at because of something that another check reports."""
    return warning(f"not checked: {reason}", UNCHECKED)


def named(name: str, verdict: Verdict, secrets: Iterable[str]) -> Finding:
    """The verdict as a finding without any of the secrets, wherever its words came from."""
    hidden = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    said, next_step = (_without(text, hidden) for text in (verdict.said, verdict.next_step))
    return Finding(name=name, status=verdict.status, said=said, next_step=next_step)


def split(sentence: str, mark: str, otherwise: str) -> tuple[str, str]:
    """What happened and what to do, of an error's sentence that says both; `otherwise` when it says only one."""
    said, found, step = sentence.partition(mark)
    return said, step if found else otherwise


def _without(text: str, secrets: list[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "(hidden)")
    return text
