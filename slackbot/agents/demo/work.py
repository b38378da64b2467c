"""Follows instructions in a workspace and reports plan and steps while it does. Knows neither ACP nor prompts."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from slackbot.agents.demo import files
from slackbot.agents.demo.files import CannotDo
from slackbot.agents.demo.instructions import Instruction
from slackbot.agents.text import Tail, one_line
from slackbot.core.agent import PlanStep

_OUTPUT_CHARS = 2000
_CHUNK_BYTES = 65536


class Failed(Exception):
    """The instruction `fail`: the turn is to end with an error."""


class Voice(Protocol):
    """How the agent is heard while it works."""

    async def plan(self, steps: tuple[PlanStep, ...]) -> None:
        """The whole plan as it stands now."""

    async def step(self, title: str, kind: str) -> None:
        """What is done now; `kind` is one of ACP's tool kinds."""


async def follow(instructions: tuple[Instruction, ...], workspace: Path, voice: Voice) -> list[str]:
    """Do one after the other; a line for each that has something to tell. One that cannot be done stops nothing."""
    titles = _titles(instructions)
    told = []
    for done, instruction in enumerate(instructions):
        await voice.plan(progress(titles, done * len(titles) // len(instructions)))
        await voice.step(one_line(instruction.title, 80), "execute" if instruction.verb == "run" else "edit")
        try:
            told.append(await _DO[instruction.verb](instruction, workspace))
        except CannotDo as cannot:
            told.append(f"Could not {one_line(instruction.title, 80)}: {cannot}")
    await voice.plan(progress(titles, len(titles)))
    return [line for line in told if line]


def progress(titles: tuple[str, ...], done: int) -> tuple[PlanStep, ...]:
    """A plan of which the first `done` steps are completed and the next is being worked on."""
    return tuple(
        PlanStep(title=title, status="completed" if n < done else "in_progress" if n == done else "pending")
        for n, title in enumerate(titles)
    )


def _titles(instructions: tuple[Instruction, ...]) -> tuple[str, ...]:
    """The plan in the person's words, else one step an instruction."""
    plans = [instruction.text for instruction in instructions if instruction.verb == "plan"]
    steps = plans[-1].split(";") if plans else [instruction.title for instruction in instructions]
    return tuple(one_line(step, 80) for step in steps if step.strip())


async def run(command: str, workspace: Path) -> tuple[int, str]:
    """Exit code and the tail of the output of a shell command. Cancelling kills the shell."""
    process = await asyncio.create_subprocess_shell(
        command,
        cwd=workspace,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    tail = Tail(_OUTPUT_CHARS)
    try:
        while chunk := await process.stdout.read(_CHUNK_BYTES):
            tail.add(chunk)
        return await process.wait(), tail.text().strip()
    finally:
        if process.returncode is None:
            process.kill()


async def _write(told: Instruction, workspace: Path) -> str:
    files.write(workspace, told.file, told.text + "\n" if told.text else "")
    return f"Wrote {told.file}."


async def _append(told: Instruction, workspace: Path) -> str:
    files.append(workspace, told.file, told.text + "\n")
    return f"Added to {told.file}."


async def _replace(told: Instruction, workspace: Path) -> str:
    places = files.replace(workspace, told.file, told.text, told.new)
    return f"Replaced {places} {'place' if places == 1 else 'places'} in {told.file}."


async def _delete(told: Instruction, workspace: Path) -> str:
    files.delete(workspace, told.file)
    return f"Deleted {told.file}."


async def _run(told: Instruction, workspace: Path) -> str:
    code, output = await run(told.text, workspace)
    shown = f"\n```\n{output}\n```" if output else ""
    return f"Ran `{one_line(told.text, 80)}`, exit code {code}.{shown}"


async def _say(told: Instruction, workspace: Path) -> str:
    return told.text


async def _plan(told: Instruction, workspace: Path) -> str:
    return ""


async def _wait(told: Instruction, workspace: Path) -> str:
    await asyncio.sleep(float(told.text))
    return f"Waited {told.text} s."


async def _fail(told: Instruction, workspace: Path) -> str:
    raise Failed("I was told to fail.")


async def _exit(told: Instruction, workspace: Path) -> str:
    os._exit(int(told.text) % 256)


async def _silent(told: Instruction, workspace: Path) -> str:
    await asyncio.Event().wait()
    return ""


_DO: dict[str, Callable[[Instruction, Path], Awaitable[str]]] = {
    "write": _write,
    "append": _append,
    "replace": _replace,
    "delete": _delete,
    "run": _run,
    "say": _say,
    "plan": _plan,
    "wait": _wait,
    "fail": _fail,
    "exit": _exit,
    "silent": _silent,
}
