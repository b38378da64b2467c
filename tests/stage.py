"""The whole house on a stage: local Slack, a bare repository, and the bot as the process that people run.

Owns how the bot is started, killed and looked at; the tests say what happens.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from slackbot.playground.model import Message
from slackbot.playground.render import message_text
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace
from tests.fakes.origin import OriginRepo, git

CHECKOUT = Path(__file__).parent.parent
ALICE, BOB, GUEST = "U0ALICE", "U0BOB", "U0GUEST"
INCIDENTS, GENERAL = "C0INCIDENTS", "C0GENERAL"
REPO = "acme/shop"
AGENT = f'command = ["{sys.executable}", "{CHECKOUT / "tests/fakes/acp_agent.py"}"]'

REPO_TABLE = """
[[repos]]
name = "{name}"
url = "{url}"
forge = "local"
agent = "{agent}"
check = "{check}"
{more}
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
    environment: dict[str, str]
    origins: dict[str, OriginRepo] = field(default_factory=dict)
    tables: str = ""
    bot: asyncio.subprocess.Process | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "bot.log"

    def add_repo(
        self, name: str = REPO, files: dict[str, str | bytes] | None = None, *, agent: str = "scripted",
        check: str = "true", more: str = "",
    ) -> OriginRepo:  # fmt: skip
        """Make a bare repository and configure it. Call before `start_bot`."""
        origin = OriginRepo(
            self.folder / f"{name.replace('/', '-')}.git", {"README.md": "hello\n"} if files is None else files
        )
        self.origins[name] = origin
        self.tables += REPO_TABLE.format(name=name, url=origin.path, agent=agent, check=check, more=more)
        return origin

    def configure(self, tail: str = "", *, attempts: int = 4, admins: tuple[str, ...] = ()) -> None:
        """Write slackbot.toml: the repositories that were added, the scripted agent, and `tail`."""
        head = f"""
[bot]
max_attempts_running = {attempts}
edits_per_minute = 6000
admins = {list(admins)}
[agents.demo]
kind = "demo"
[agents.scripted]
kind = "acp"
{AGENT}
sandbox = "none"
[[channels]]
id = "{INCIDENTS}"
repos = ["{REPO}"]
[web]
port = 0
public_url = "http://pitcrew.test"
"""
        (self.folder / "slackbot.toml").write_text(head + self.tables + tail)

    async def launch_bot(self, *program: str) -> None:
        """Start the process `slackbot run`, or another program of Python's that ends up running the same."""
        program = program or ("-m", "slackbot")
        with self.log.open("ab") as log:
            self.bot = await asyncio.create_subprocess_exec(
                sys.executable, *program, "run", "--config", self.folder / "slackbot.toml",
                cwd=CHECKOUT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip

    async def start_bot(self, *program: str, listens: str = "") -> None:
        """Launch the bot and wait until it is connected to Slack, or answers at `listens` (HTTP mode)."""
        await self.launch_bot(*program)
        assert self.bot is not None
        ended = asyncio.ensure_future(self.bot.wait())
        up = asyncio.ensure_future(_answers(listens) if listens else self._connected())
        await asyncio.wait({ended, up}, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (ended, up):
            waiting.cancel()
        assert self.bot.returncode is None, self.log.read_text()[-3000:]

    async def _connected(self) -> None:
        await self.slack.until(lambda: self.slack.socket.connections > 0, 30)

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
        return [message for message in found if key_of(message).startswith("card:")]

    def card(self, ts: str, channel: str = INCIDENTS) -> Message | None:
        """The card in the thread of a message."""
        return next((card for card in self.cards(channel) if card.thread_ts == ts), None)

    async def card_with(self, ts: str, text: str, *, channel: str = INCIDENTS, timeout_s: float = 30) -> Message:
        """Wait until the thread's card says `text`."""

        def found() -> Message | None:
            card = self.card(ts, channel)
            return card if card is not None and text in shown(card) else None

        return await self.slack.until(found, timeout_s)

    async def offered_again(self, card: Message, timeout_s: float = 30) -> Message:
        """Wait until the card offers another head than it did."""

        def found() -> Message | None:
            now = self.slack.workspace.messages.get(card.channel, card.ts)
            offers = "[Approve]" in shown(now)
            return now if offers and value_of(now, "approve") != value_of(card, "approve") else None

        return await self.slack.until(found, timeout_s)

    async def thread_with(self, ts: str, text: str, *, channel: str = INCIDENTS, timeout_s: float = 30) -> None:
        """Wait until somebody reads `text` in the thread."""
        await self.slack.until(lambda: text in self.slack.transcript(channel, ts), timeout_s)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10) -> None:
        """Wait for something outside Slack (a branch, a file, a process) by looking often."""
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110 a file or a process sets no Event of ours
                await asyncio.sleep(0.02)

    async def click(self, by: str, card: Message, action: str) -> None:
        await self.slack.people.click(by, card.channel, card.ts, action)

    def workspaces(self, card: Message) -> list[Path]:
        """The folders of the workspaces that a card's task has on disk."""
        found = (self.folder / "data" / "workspaces").glob(f"{label_of(card)}-*")
        return [path for path in found if any(path.iterdir())]

    async def pid_in(self, name: str) -> int:
        """A process id that an agent wrote into a file of its workspace."""
        found: list[str] = []

        def written() -> bool:
            found[:] = [path.read_text() for path in (self.folder / "data" / "workspaces").glob(f"*/*/{name}")]
            return bool(found and found[0])

        await self.until(written)
        return int(found[0])

    async def late_click(self, by: str, card: Message, action: str) -> None:
        """Click a button of the card as it was, whatever it shows by now."""
        await self.slack.people.click(by, card.channel, card.ts, action, value=value_of(card, action))

    async def rework(self, by: str, card: Message, feedback: str) -> None:
        """Click Rework and submit what was wrong."""
        before = set(self.slack.workspace.views)
        await self.click(by, card, "rework")
        view = await self.slack.until(lambda: next(iter(set(self.slack.workspace.views) - before), None), 10)
        await self.slack.people.submit(by, view, {"feedback": {"text": feedback}})

    def landed(self, name: str, repo: str = REPO) -> str:
        """A file of the default branch of the origin."""
        return self.origins[repo].show(name)

    def landings(self, repo: str = REPO) -> int:
        """How many merges the default branch has."""
        return int(git("rev-list", "--count", "--merges", "main", cwd=self.origins[repo].path))

    def branches_of(self, card: Message, repo: str = REPO) -> list[str]:
        """The branches that a card's task has at the origin."""
        return [name for name in self.origins[repo].branches() if name.startswith(f"pitcrew/{label_of(card)}-")]


async def upgraded(stage: Stage) -> None:
    """What an operator does first on a database server: `slackbot db upgrade`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "slackbot", "db", "upgrade", "--config", stage.folder / "slackbot.toml",
        cwd=CHECKOUT, env=stage.environment,
    )  # fmt: skip
    assert await process.wait() == 0


def label_of(card: Message) -> str:
    """T42, as the card says it."""
    return shown(card).split(" · ")[1]


def value_of(card: Message, action: str) -> str:
    """What a card's button carries."""
    buttons = [element for block in card.blocks for element in block.get("elements", ())]
    return str(next(button["value"] for button in buttons if button.get("action_id") == action))


def shown(message: Message) -> str:
    """What a person reads on a message."""
    return message_text(message)


async def _answers(url: str) -> None:
    """Wait until a GET of the address answers 200."""
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass  # not listening yet
            await asyncio.sleep(0.05)


def key_of(message: Message) -> str:
    """The key that a post of the bot's carries; empty for everybody else's."""
    metadata = message.metadata or {}
    return str((metadata.get("event_payload") or {}).get("key", ""))


@asynccontextmanager
async def staged(folder: Path, **settings: str) -> AsyncIterator[Stage]:
    """A stage with its curtain closed: nothing is configured or started yet; everything is ended afterwards."""
    async with LocalSlack.running(workspace()) as slack:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": os.environ.get("SHIM", "") + str(CHECKOUT),
            "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
            "SLACKBOT_DATA_DIR": str(folder / "data"), **settings,
        }  # fmt: skip
        stage = Stage(slack, folder, environment)
        try:
            yield stage
        finally:
            if stage.bot is not None:
                await stage.kill_bot()
