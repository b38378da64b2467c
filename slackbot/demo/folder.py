"""Makes the demo's folder: a bare repository from the story, and the slackbot.toml of its bot. Starts no bot."""

import asyncio
import json
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slackbot.core.config import AgentConfig
from slackbot.core.errors import ConfigurationError, RepoError
from slackbot.demo.scene import INCIDENTS, TEAM
from slackbot.playground import server

STORY = Path(server.__file__).parent / "story" / "repository"
REPO = "acme/payments"
CHECK = f"{shlex.quote(sys.executable)} -m unittest -q"
AUTHOR = "Carol Weiss <carol@acme.example>"

CONFIG = """\
# Written by `slackbot demo`; yours begins with slackbot.toml.sample.
[agents.{agent}]
{agent_table}
[[repos]]
name = "{repo}"
url = {origin}
forge = "local"
agent = "{agent}"
check = {check}
approvers = []
self_approve = false

[[channels]]
id = "{incidents}"
repos = ["{repo}"]

[[summaries]]
name = "team"
channel = "{team}"
at = "{summary_at}"
timezone = "UTC"
days = "mon-sun"
grace_s = 3600

[web]
port = {port}
public_url = "http://127.0.0.1:{port}"
"""


@dataclass(frozen=True)
class Agent:
    """The agent that the demo uses. `environment`: the variables that its configuration names."""

    name: str
    config: AgentConfig
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Folder:
    """Where everything of one demo lives."""

    path: Path

    @property
    def origin(self) -> Path:
        return self.path / "acme-payments.git"

    @property
    def config(self) -> Path:
        return self.path / "slackbot.toml"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def log(self) -> Path:
        return self.path / "bot.log"

    def configure(self, agent: Agent, port: int, summary_at: str) -> None:
        """Write slackbot.toml."""
        text = CONFIG.format(
            agent=agent.name, agent_table=_table(agent.config), repo=REPO, origin=json.dumps(str(self.origin)),
            check=json.dumps(CHECK, ensure_ascii=False), incidents=INCIDENTS, team=TEAM, summary_at=summary_at,
            port=port,
        )  # fmt: skip
        self.config.write_text(text, encoding="utf-8")

    async def make_repository(self, at: datetime) -> None:
        """A bare repository with the story's files in one commit on `main`. Raises ConfigurationError, RepoError."""
        if self.origin.exists():
            raise ConfigurationError([f"{self.path} holds a demo already: name another folder, or remove this one"])
        await self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin), inside=False)
        await self.git("fast-import", "--quiet", stdin=_first_commit(at))

    async def check_out(self, name: str) -> Path:
        """What the default branch holds now, as a folder of that name."""
        await self.git("clone", "--quiet", str(self.origin), name, inside=False)
        return self.path / name

    async def landed(self, name: str) -> str:
        """A file of the default branch. Raises RepoError when it is not there."""
        return await self.git("show", f"main:{name}")

    async def branches(self) -> list[str]:
        return (await self.git("for-each-ref", "--format=%(refname:short)", "refs/heads")).split()

    async def git(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> str:
        """Run git in the bare repository, as its owner would."""
        program = shutil.which("git")
        if program is None:
            raise ConfigurationError(["git was not found: install it, the demo has a real repository"])
        place = ("--git-dir", str(self.origin)) if inside else ()
        process = await asyncio.create_subprocess_exec(
            program, *place, *arguments, cwd=self.path,
            env={"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(self.path)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate(stdin)
        if process.returncode:
            raise RepoError("git", arguments[0], err.decode(errors="replace").strip())
        return out.decode()


def _first_commit(at: datetime) -> bytes:
    """The story's files as a stream for `git fast-import`."""
    committer = f"committer {AUTHOR} {int(at.timestamp())} +0000\n"
    lines = [b"commit refs/heads/main\n", committer.encode(), _data(b"payments: charge cards at the gateway\n")]
    for path in sorted(STORY.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(STORY).as_posix()
            lines += [f"M 100644 inline {name}\n".encode(), _data(path.read_bytes())]
    return b"".join(lines)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _table(agent: AgentConfig) -> str:
    """An agent's configuration as TOML, which writes these values as JSON does."""
    values = agent.model_dump(exclude_none=True, exclude_defaults=True)
    return "\n".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()) + "\n"
