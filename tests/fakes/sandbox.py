"""A Sandbox that runs nothing: remembers the commands, and ends them as scripted, at first with success."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from slackbot.core.agent import CommandResult


@dataclass
class FakeSandbox:
    """`results`: how the next commands end, oldest first. `commands`: what was run."""

    results: deque[CommandResult] = field(default_factory=deque)
    commands: list[str] = field(default_factory=list)

    async def run(self, agent: str, command: str, workspace: Path, home: Path, timeout_s: float) -> CommandResult:
        self.commands.append(command)
        return self.results.popleft() if self.results else CommandResult(exit_code=0, duration_s=0.1, output="ok")
