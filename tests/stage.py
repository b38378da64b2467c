"""The whole house on a stage: local Slack, a bare repository, and the bot as the process that people run.

Owns how the bot is started, killed and looked at; the tests say what happens.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from slackbot.playground.model import Message
from slackbot.playground.render import message_text
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace
from tests.fakes.origin import OriginRepo
from tests.fakes.origin import git as run_git

CHECKOUT = Path(__file__).parent.parent
ALICE, BOB, GUEST = "U0ALICE", "U0BOB", "U0GUEST"
INCIDENTS, GENERAL = "C0INCIDENTS", "C0GENERAL"
REPO = "acme/shop"
AGENT = f'command = ["{sys.executable}", "{CHECKOUT / "tests/fakes/acp_agent.py"}"]'

CONFIG = """
[bot]
max_attempts_running = {attempts}
[agents.demo]
kind = "demo"
[agents.scripted]
kind = "acp"
{scripted}
sandbox = "none"
[[repos]]
name = "{repo}"
url = "{url}"
forge = "local"
agent = "{agent}"
check = "{check}"
{more}
[[channels]]
id = "C0INCIDENTS"
repos = ["{repo}"]
[web]
port = 0
public_url = "http://pitcrew.test"
{tail}
"""


def workspace() -> Workspace:
    """Alice and Bob are members, one guest; #incidents is configured, #general is not."""
    slack = Workspace()
    slack.add_person(ALICE, "alice", real_name="Alice Liddell")
    slack.add_person(BOB, "bob", real_name="Bob Builder")
    slack.add_person(GUEST, "guest", is_restricted=True)
    everybody = (ALICE, BOB, GUEST, slack.bot_user_id)
    slack.add_channel(INCIDENTS, "incidents", everybody)
    slack.add_channel(GENERAL, "general", everybody)
    return slack


@dataclass
class Stage:
    """`bot` is the running process, None while it is down."""

    slack: LocalSlack
    folder: Path
    origin: OriginRepo
    environment: dict[str, str]
    bot: asyncio.subprocess.Process | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "bot.log"

    def configure(
        self, *, agent: str = "scripted", check: str = "true", attempts: int = 4, more: str = "", tail: str = "",
        scripted: str = AGENT,
    ) -> None:  # fmt: skip
        """Write slackbot.toml."""
        text = CONFIG.format(
            repo=REPO, url=self.origin.path, agent=agent, check=check, attempts=attempts, more=more, tail=tail,
            scripted=scripted,
        )  # fmt: skip
        (self.folder / "slackbot.toml").write_text(text)

    async def start_bot(self) -> None:
        """Start `slackbot run` and wait until it listens to Slack."""
        with self.log.open("ab") as log:
            self.bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slackbot", "run", "--config", self.folder / "slackbot.toml",
                cwd=CHECKOUT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        ended = asyncio.ensure_future(self.bot.wait())
        up = asyncio.ensure_future(self.slack.until(lambda: self.slack.socket.connections > 0, 30))
        await asyncio.wait({ended, up}, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (ended, up):
            waiting.cancel()
        assert self.bot.returncode is None, self.log.read_text()[-3000:]

    async def kill_bot(self) -> None:
        """Kill -9, as a machine that loses its power would."""
        assert self.bot is not None
        if self.bot.returncode is None:
            self.bot.kill()
        await self.bot.wait()
        self.bot = None

    async def stop_bot(self, timeout_s: float = 20) -> int:
        """SIGTERM; the exit code."""
        assert self.bot is not None
        self.bot.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.bot.wait(), timeout_s)
        self.bot = None
        return code

    async def mention(self, text: str, *, by: str = ALICE, channel: str = INCIDENTS, thread: str | None = None) -> str:
        """Say `@pitcrew text`; the message's ts."""
        return await self.slack.people.say(by, channel, f"@pitcrew {text}", thread_ts=thread)

    def cards(self, channel: str = INCIDENTS) -> list[Message]:
        """Every card of a channel: the bot's posts that carry a card's key."""
        found = (message for message in self.slack.workspace.messages.in_channel(channel))
        return [message for message in found if _key(message).startswith("card:")]

    def card(self, ts: str, channel: str = INCIDENTS) -> Message | None:
        """The card in the thread of a message."""
        return next((card for card in self.cards(channel) if card.thread_ts == ts), None)

    async def card_with(self, ts: str, text: str, *, channel: str = INCIDENTS, timeout_s: float = 30) -> Message:
        """Wait until the thread's card says `text`."""

        def found() -> Message | None:
            card = self.card(ts, channel)
            return card if card is not None and text in shown(card) else None

        return await self.slack.until(found, timeout_s)

    async def thread_with(self, ts: str, text: str, *, channel: str = INCIDENTS, timeout_s: float = 30) -> None:
        """Wait until somebody reads `text` in the thread."""
        await self.slack.until(lambda: text in self.slack.transcript(channel, ts), timeout_s)

    async def click(self, by: str, card: Message, action: str) -> None:
        await self.slack.people.click(by, card.channel, card.ts, action)

    async def rework(self, by: str, card: Message, feedback: str) -> None:
        """Click Rework and submit what was wrong."""
        before = set(self.slack.workspace.views)
        await self.click(by, card, "rework")
        view = await self.slack.until(lambda: next(iter(set(self.slack.workspace.views) - before), None), 10)
        await self.slack.people.submit(by, view, {"feedback": {"text": feedback}})

    def landed(self, name: str) -> str:
        """A file of the default branch of the origin."""
        return run_git("show", f"main:{name}", cwd=self.origin.path)

    def landings(self) -> int:
        """How many merges the default branch has."""
        return int(run_git("rev-list", "--count", "--merges", "main", cwd=self.origin.path))

    def branches(self) -> list[str]:
        return [name for name in self.origin.branches() if name.startswith("pitcrew/")]


def shown(message: Message) -> str:
    """What a person reads on a message."""
    return message_text(message)


def _key(message: Message) -> str:
    metadata = message.metadata or {}
    return str((metadata.get("event_payload") or {}).get("key", ""))


@asynccontextmanager
async def staged(folder: Path, files: dict[str, str] | None = None, **settings: str) -> AsyncIterator[Stage]:
    """A stage with its curtain closed: nothing is configured or started yet; everything is ended afterwards."""
    origin = OriginRepo(folder / "origin.git", files or {"README.md": "hello\n"})
    async with LocalSlack.running(workspace()) as slack:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": os.environ.get("SHIM", "") + str(CHECKOUT),
            "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
            "SLACKBOT_DATA_DIR": str(folder / "data"), **settings,
        }  # fmt: skip
        stage = Stage(slack, folder, origin, environment)
        try:
            yield stage
        finally:
            if stage.bot is not None:
                await stage.kill_bot()

