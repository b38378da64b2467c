"""A headless Chromium, the whole demo for the story, and a page without the bot for everything smaller."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.demo.scene import TITLES, Scene, set_the_scene
from slackbot.playground import page as playground_page
from slackbot.playground.server import LocalSlack
from tests.playground.conftest import Bot

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHECKOUT = Path(__file__).parents[2]
SHOTS = CHECKOUT / "docs" / "screenshots"
DESKTOP, PHONE = (1360, 860), (390, 844)
# Time for the whole demo on a busy machine; whoever waits for less says so.
expect.set_options(timeout=30_000)

OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Opens pages; a script's error or a policy's refusal in any of them fails the test."""
    troubles: list[str] = []
    contexts = []

    async def open_page(url: str, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Page:
        context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if _is_trouble(said) else None)
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        await page.goto(url)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert troubles == []


def _is_trouble(said: ConsoleMessage) -> bool:
    """422 is how a refused submission is answered; the browser calls that an error too."""
    return said.type == "error" and "status of 422" not in said.text


class Demo:
    """`slackbot demo` as people start it."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, folder: Path) -> None:
        self.process, self.url, self.folder = process, url, folder


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "slackbot", "demo", "--port", "0", "--keep", str(folder)),
        cwd=CHECKOUT, env={"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout
    said = b""
    while not (found := re.search(rb"Open this\s+(http://\S+)", said)):
        line = await process.stdout.readline()
        assert line, said.decode()
        said += line
    try:
        yield Demo(process, found.group(1).decode(), folder)
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with running_demo(tmp_path / "demo") as demo:
        yield demo


class Stage:
    """Local Slack with its page and the demo's scene, but a small Bolt app in place of our bot."""

    def __init__(self, slack: LocalSlack, scene: Scene, app: Bot, client: AsyncWebClient) -> None:
        self.slack, self.scene, self.app, self.client = slack, scene, app, client
        self.guide: playground_page.Guide | None = None

    @property
    def workspace(self):
        return self.slack.workspace

    def thread(self) -> str:
        """The address of the alert's thread."""
        return f"{self.slack.base_url}/#C0INCIDENTS/{self.scene.alert_ts}"


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    scene = set_the_scene()
    holder: list[Stage] = []
    page = playground_page.Page(TITLES, lambda: holder[0].guide if holder else None)
    async with LocalSlack.running(scene.workspace, extend=page.extend) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        app = Bot(client, slack.app_token)
        await app.handler.connect_async()
        await slack.until(lambda: slack.socket.connections == 1)
        holder.append(Stage(slack, scene, app, client))
        yield holder[0]
        await app.handler.close_async()


@pytest.fixture
def shot() -> Callable[[Page, str], Awaitable[None]]:
    """Keeps a picture for the README when PITCREW_SCREENSHOTS is set; otherwise the tree stays as it is."""

    async def shot(page: Page, name: str) -> None:
        if os.environ.get("PITCREW_SCREENSHOTS"):
            SHOTS.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")

    return shot
