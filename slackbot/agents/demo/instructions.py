"""The instructions that the demo agent understands, one per line; `docs/demo-agent.md` explains them to people.

    write FILE: TEXT          create or overwrite; TEXT may be a fenced block on the following lines
    append FILE: TEXT         add at the end, likewise
    replace FILE: OLD => NEW  every occurrence of OLD
    delete FILE
    run COMMAND               in a shell, in the workspace
    say TEXT                  an answer without a change
    plan A; B; C              the plan that the card shows
    wait N                    N seconds
    fail                      the turn ends with an error
    exit N                    the agent's process dies
    silent                    the agent hangs

A bullet, a mention of the bot, "please" and the name of a repository before an instruction are skipped.
"""

import re

from slackbot.core.model import Frozen

_FILE = r"`?(?P<file>[^\s:`]+)`?"
_FORMS = {
    "write": rf"write {_FILE}\s*:[ \t]*(?P<text>.*)",
    "append": rf"append {_FILE}\s*:[ \t]*(?P<text>.*)",
    "replace": rf"replace {_FILE}\s*:\s*(?P<text>.+?)\s*=(?:>|&gt;)[ \t]*(?P<new>.*)",
    "delete": rf"delete {_FILE}",
    "run": r"run:? (?P<text>.+)",
    "say": r"say:? (?P<text>.+)",
    "plan": r"plan:? (?P<text>.+)",
    "wait": r"wait (?P<text>\d+(?:\.\d+)?)(?: ?s)?",
    "fail": r"fail",
    "exit": r"exit (?P<text>\d{1,3})",
    "silent": r"silent",
}
_BLOCK_VERBS = ("write", "append")
_FENCE = "```"
_BULLET = r"(?:(?:[-*•]|\d+[.)])\s+)?"
_MENTION = r"(?:(?:.{0,80}?\s)?(?:<@\w+(?:\|[^>]*)?>|@[\w.-]+)[\s,:]+)*"
_REPOSITORY = r"(?:(?:in|on|for)\s+[\w./-]+[\s,:]+|[\w.-]+/[\w./-]+[\s,:]+|[\w.-]+:\s+)?"
_BEFORE = re.compile(rf"\s*{_BULLET}{_MENTION}(?:please\s+)?{_REPOSITORY}(?:please\s+)?", re.IGNORECASE)
# Slack turns README.md into a link, because .md is a country.
_AUTO_LINK = re.compile(r"<https?://[^|>\s]*\|([^>]*)>")


class Instruction(Frozen):
    """`text`: what to write, run, say, plan or wait for, or what to replace by `new`."""

    verb: str
    file: str = ""
    text: str = ""
    new: str = ""

    @property
    def title(self) -> str:
        return f"{self.verb} {self.file or self.text}".strip()


def instructions(request: str) -> tuple[Instruction, ...]:
    """The instructions of a request, in order; lines that are none are skipped."""
    found: list[Instruction] = []
    rest = request.splitlines()
    while rest:
        instruction = _parse(rest.pop(0))
        if instruction is None:
            continue
        if instruction.verb in _BLOCK_VERBS and instruction.text.strip() in ("", _FENCE):
            text, rest = _block(instruction.text, rest)
            instruction = instruction.model_copy(update={"text": text})
        found.append(instruction)
    return tuple(found)


def _parse(line: str) -> Instruction | None:
    line = _AUTO_LINK.sub(r"\1", line).strip()
    for candidate in (line, _BEFORE.sub("", line, count=1)):
        for verb, form in _FORMS.items():
            if match := re.fullmatch(form, candidate, re.IGNORECASE):
                return Instruction(verb=verb, **match.groupdict(default=""))
    return None


def _block(opened: str, rest: list[str]) -> tuple[str, list[str]]:
    """The fenced block that begins here or on the next line that is not empty, and the lines after it."""
    start = 0
    if opened.strip() != _FENCE:
        while start < len(rest) and not rest[start].strip():
            start += 1
        if start == len(rest) or not rest[start].strip().startswith(_FENCE):
            return "", rest
        start += 1
    ends = (n for n in range(start, len(rest)) if rest[n].strip().endswith(_FENCE))
    end = next(ends, len(rest))
    last = rest[end].strip().removesuffix(_FENCE) if end < len(rest) else ""
    return "\n".join([*rest[start:end], *([last] if last else [])]), rest[end + 1 :]
