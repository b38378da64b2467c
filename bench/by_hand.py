"""The steps of an attempt by hand: plain git, the agent's program and the check, one after the other."""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.house import AGENT_FILE, CHECK
from tests.fakes.origin import git

SCRIPT = json.dumps(["write line.txt one line", "text Done."])
ANSWERS = 3


class ByHand:
    """A person with a clone, who does in worktrees what the bot does in workspaces."""

    def __init__(self, origin: Path, folder: Path) -> None:
        self._folder = folder
        self._clone = folder / "clone"
        git("clone", "--quiet", str(origin), str(self._clone), cwd=folder)

    def attempt_s(self, number: int) -> float:
        """Fetch, worktree, agent, check, add, commit, push; how long that took."""
        began, tree = time.perf_counter(), self._folder / f"by-hand-{number}"
        git("fetch", "--quiet", "origin", cwd=self._clone)
        git("worktree", "add", "--quiet", "-b", f"hand-{number}", str(tree), "origin/main", cwd=self._clone)
        run_agent(tree)
        subprocess.run(["sh", "-c", CHECK], cwd=tree, check=True)
        git("add", "--all", cwd=tree)
        git("commit", "--quiet", "--message", "by hand", cwd=tree)
        git("push", "--quiet", "origin", f"hand-{number}", cwd=tree)
        return time.perf_counter() - began


def run_agent(workspace: Path) -> None:
    """One turn of the agent that writes one line, asked over its own protocol. Raises when it does not answer."""
    prompt: dict[str, object] = {"sessionId": "s1", "prompt": [{"type": "text", "text": "please add a line"}]}
    calls: tuple[tuple[str, dict[str, object]], ...] = (
        ("initialize", {"protocolVersion": 1}), ("session/new", {}), ("session/prompt", prompt),
    )  # fmt: skip
    asked = [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        for number, (method, params) in enumerate(calls)
    ]
    done = subprocess.run(
        [sys.executable, AGENT_FILE, "--script", SCRIPT], cwd=workspace, input="\n".join([*asked, ""]).encode(),
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    if sum("result" in json.loads(line) for line in done.stdout.splitlines()) != ANSWERS:
        raise RuntimeError(done.stdout.decode())
