"""The demo's story: a payment client that waits for ever, and its repair in two versions, by plain text replacement.

The repository is `slackbot/playground/story/repository`. No intelligence is at work here, and the answers say so.
"""

import asyncio
import re
from pathlib import Path

from slackbot.agents.demo import files
from slackbot.agents.demo.files import CannotDo
from slackbot.agents.demo.hearing import Heard
from slackbot.agents.demo.work import Voice, progress, run
from slackbot.core.model import Frozen

CLIENT = "payments/client.py"
LESSONS = "docs/reliability.md"
CHECK = "python3 -m unittest -q"

_FIX = re.compile(r"\b(fix|repair|solve)\b", re.IGNORECASE)
_PAGE = re.compile(r"\b(page|alert|incident)\b", re.IGNORECASE)
_SHORTER = re.compile(r"too long|short|retry|retries|\b[1-9] ?s(ec|econds?)?\b", re.IGNORECASE)
_CALL = re.compile(r"\burlopen\(\s*(\w+)(?:\s*,\s*timeout\s*=\s*[\w.]+)?\s*\)")
_CONSTANT = re.compile(r"^TIMEOUT_S = .*$", re.MULTILINE)
_LAST_IMPORT = re.compile(r"(?:^(?:import|from) .*\n)+", re.MULTILINE)

_SEND = '''

def _send(request):
    """Send the request, and once more when no answer comes: the idempotency key keeps that one charge."""
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError:
        raise  # the gateway did answer
    except OSError:
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)
'''


class Repair(Frozen):
    """One version of the repair. `lesson` is what goes into the reliability document."""

    timeout_s: int
    retries: int
    lesson: str


FIRST = Repair(
    timeout_s=30,
    retries=0,
    lesson="""
### Every call to the gateway has a timeout

The gateway stopped answering, and every checkout waited for it until all workers were busy: `charge()` called
`urlopen()` without a timeout, which waits for ever. It now gives up after 30 s. A test keeps it that way.
""",
)
SECOND = Repair(
    timeout_s=2,
    retries=1,
    lesson="""
### Calls to the gateway give up after 2 s and try once more

The gateway stopped answering, and every checkout waited for it until all workers were busy: `charge()` called
`urlopen()` without a timeout, which waits for ever. A customer does not wait 30 s either, so a call gives up after 2 s
and is sent once more. The idempotency key makes that safe: a repeated charge is not a second charge.
""",
)


def repair_for(heard: Heard, workspace: Path) -> Repair | None:
    """Which repair the prompt asks for; None when it is not this story."""
    if not (workspace / CLIENT).is_file():
        return None
    remarks = "\n".join((*heard.feedback, *heard.messages))
    if not heard.messages and not (_FIX.search(heard.request) and _PAGE.search(heard.request)):
        return None
    if _SHORTER.search(remarks):
        return SECOND
    return None if heard.messages else FIRST


async def play(repair: Repair, workspace: Path, voice: Voice, pace_s: float = 0) -> list[str]:
    """Repair the client, write the lesson, run the tests; the lines of the answer.

    `pace_s`: what each step takes at least, so that people can watch the plan.
    """
    how = f"a timeout of {repair.timeout_s} s" + (" and one retry" if repair.retries else "")
    titles = (
        "Find the call that waits for ever",
        f"Give it {how}",
        f"Write the lesson into {LESSONS}",
        "Run the tests",
    )
    kinds = ("read", "edit", "edit", "execute")
    told: list[str] = []
    for done, (title, kind) in enumerate(zip(titles, kinds, strict=True)):
        await voice.plan(progress(titles, done))
        await voice.step(title, kind)
        await asyncio.sleep(pace_s)
        match done:
            case 1:
                files.write(workspace, CLIENT, repaired(files.read(workspace, CLIENT), repair))
                told.append(f"`charge()` called the gateway without a timeout; in {CLIENT} it now has {how}.")
            case 2:
                told.append(_write_lesson(workspace, repair))
            case 3:
                code, _ = await run(CHECK, workspace)
                told.append(f"`{CHECK}` {'passes' if code == 0 else f'fails with exit code {code}'}.")
    await voice.plan(progress(titles, len(titles)))
    return told


def repaired(source: str, repair: Repair) -> str:
    """The client's source with the repair; the same source again when it already has it."""
    source = source.removesuffix(_SEND)
    source = re.sub(r"(?<!def )_send\((\w+)\)", r"urllib.request.urlopen(\1)", source)
    if not _CALL.search(source):
        return _with_default_timeout(source, repair)
    constant = f"TIMEOUT_S = {repair.timeout_s}"
    if _CONSTANT.search(source):
        source = _CONSTANT.sub(constant, source, count=1)
    else:
        source = _after_imports(source, f"\n{constant}\n")
    if not repair.retries:
        return _CALL.sub(r"urlopen(\1, timeout=TIMEOUT_S)", source)
    return re.sub(rf"(?:urllib\.request\.)?{_CALL.pattern}", r"_send(\1)", source).rstrip("\n") + "\n" + _SEND


def _with_default_timeout(source: str, repair: Repair) -> str:
    """Somebody has rewritten the call: a default for every socket is the nearest thing."""
    line = f"socket.setdefaulttimeout({repair.timeout_s})"
    if "socket.setdefaulttimeout(" in source:
        return re.sub(r"socket\.setdefaulttimeout\([^)]*\)", line, source)
    return _after_imports(source, f"import socket\n\n{line}\n")


def _after_imports(source: str, text: str) -> str:
    imports = _LAST_IMPORT.search(source)
    place = imports.end() if imports else 0
    return source[:place] + text + source[place:]


def _write_lesson(workspace: Path, repair: Repair) -> str:
    """Write the lesson, in place of the other version's; a missing document is begun."""
    try:
        before = files.read(workspace, LESSONS)
    except CannotDo:
        before = "# Reliability\n"
    for other in (FIRST, SECOND):
        before = before.replace(other.lesson, "")
    files.write(workspace, LESSONS, before.rstrip("\n") + "\n" + repair.lesson)
    return f"The lesson is in {LESSONS}."
