"""Puts the demo together: folder, local Slack with its page, the bot; plays the script or waits for people."""

import asyncio
import errno
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from slackbot.demo.agents import BUILT_IN, chosen_agent
from slackbot.demo.child import Bot, bot, free_port
from slackbot.demo.curtain import curtain, ended_by_itself
from slackbot.demo.folder import Agent, Folder
from slackbot.demo.guide import DemoGuide
from slackbot.demo.narrator import Narrator
from slackbot.demo.scene import INCIDENTS, TITLES, set_the_scene
from slackbot.demo.script import Script
from slackbot.demo.story import Story
from slackbot.playground.page import Page
from slackbot.playground.server import LocalSlack

SUMMARY_AFTER = timedelta(minutes=4)


async def play(*, script: bool, agent: str | None, port: int, keep: Path | None = None) -> int:
    """Run the demo until Ctrl-C, or the script to its end; the exit code.

    `keep`: a folder for everything, which stays; None: a temporary one. Raises PitcrewError when it cannot begin.
    """
    console = Console(highlight=False)
    performance = asyncio.ensure_future(_perform(console, script, chosen_agent(agent), port, keep))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, performance.cancel)
    try:
        return await performance
    except asyncio.CancelledError:
        console.print("The demo has ended.")
        return 130 if script else 0


async def _perform(console: Console, script: bool, agent: Agent, port: int, keep: Path | None) -> int:
    """Play in a folder of its own, which goes when all went well."""
    folder = Folder((keep or Path(tempfile.mkdtemp(prefix="pitcrew-demo-"))).absolute())
    folder.path.mkdir(parents=True, exist_ok=True)
    stays = True
    try:
        code = await _play_in(folder, console, script, agent, port)
        stays = keep is not None or code != 0
        return code
    except asyncio.CancelledError:
        stays = keep is not None
        raise
    finally:
        if stays:
            console.print(f"Everything is kept in {folder.path}, the bot's log is {folder.log}", soft_wrap=True)
        else:
            shutil.rmtree(folder.path, ignore_errors=True)


async def _play_in(folder: Folder, console: Console, script: bool, agent: Agent, port: int) -> int:
    now, pages = datetime.now(UTC), free_port()
    summary_at = f"{now + SUMMARY_AFTER:%H:%M}"
    await folder.make_repository(now)
    folder.configure(agent, pages, summary_at)
    story = Story(set_the_scene())
    page = Page(TITLES, DemoGuide(story, summary_at, str(folder.log)))
    async with _local_slack(console, story, page, 0 if script else port) as slack:
        starting = console.status("Starting the bot …")
        async with bot(folder, slack, agent.environment, starting) as running:
            if script:
                return await _script(console, slack, story, folder, agent)
            curtain(console, slack.base_url, f"http://127.0.0.1:{pages}/", folder, agent)
            return await _until_the_bot_ends(console, running)


async def _script(console: Console, slack: LocalSlack, story: Story, folder: Folder, agent: Agent) -> int:
    narrator = Narrator(console, slack.workspace)
    narrator.tell(slack.workspace.messages.get(INCIDENTS, story.scene.alert_ts))
    narrator.follow()
    return await Script(slack, story, folder, narrator, exact=agent is BUILT_IN).perform(console)


async def _until_the_bot_ends(console: Console, running: Bot) -> int:
    code = await running.process.wait()
    ended_by_itself(console, code, running.folder)
    return 1


@asynccontextmanager
async def _local_slack(console: Console, story: Story, page: Page, port: int) -> AsyncIterator[LocalSlack]:
    """Local Slack with the page; on any free port when the wanted one is taken."""
    try:
        slack = await LocalSlack.start(story.scene.workspace, port, extend=page.extend)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        console.print(f"Port {port} is taken, so the page is elsewhere this time.")
        slack = await LocalSlack.start(story.scene.workspace, 0, extend=page.extend)
    try:
        yield slack
    finally:
        await slack.stop()
