"""The page for people who cannot see it well or at all: names, landmarks, one first heading, contrast."""

import pytest
from playwright.async_api import Page, expect

from slackbot.chat.cards import draw
from slackbot.demo.scene import ALICE, INCIDENTS
from slackbot.playground.model import Draft
from slackbot.playground.page import Guide
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, Stage
from tests.chat import samples
from tests.playground.test_people import MODAL

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
CONTROLS = {"button", "link", "textbox", "combobox", "menuitem", "checkbox", "radio"}

# The contrast of every piece of text with what lies behind it, as WCAG 2 counts it; the poor ones come back.
CONTRAST = """() => {
  const numbers = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const style = getComputedStyle(element);
    const said = texts.currentNode.data.trim();
    if (!said || !element.checkVisibility({opacityProperty: true})) continue;
    if (element.closest(':disabled, .unseen, option')) continue;
    const [one, other] = [light(numbers(style.color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
    if (ratio >= (large ? 3 : 4.5)) continue;
    poor.push(`${ratio.toFixed(2)} ${element.className || element.tagName}: ${said.slice(0, 30)}`);
  }
  return poor;
}"""


async def full_page(stage: Stage, open_page: OpenPage, **how: object) -> Page:
    """A thread with every kind of message, the guide and unread channels."""
    for card in (samples.running(), samples.awaiting_approval(), samples.failed(), samples.landed()):
        post(stage, draw(card).text, draw(card).blocks)
    post(stage, "You asked, so another person approves.", only=ALICE)
    stage.guide = Guide(step=2, of=3, title="Watch", text="The *card* says `all`.", act_as="U0BOB")
    page = await open_page(stage.thread(), **how)
    await expect(page.get_by_role("complementary")).to_contain_text("another person approves")
    return page


def post(stage: Stage, text: str, blocks: list[dict] | None = None, only: str | None = None) -> None:
    draft = Draft(channel=INCIDENTS, user=stage.workspace.bot_user_id, thread_ts=stage.scene.alert_ts, text=text)
    stage.workspace.post(draft.model_copy(update={"blocks": tuple(blocks or ()), "ephemeral_for": only}))


async def tree(page: Page) -> list[dict]:
    """What a screen reader gets: role and name of everything that is not hidden from it."""
    session = await page.context.new_cdp_session(page)
    nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    return [
        {"role": node["role"]["value"], "name": (node.get("name") or {}).get("value", "")}
        for node in nodes
        if not node["ignored"]
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_every_control_has_a_name_and_there_is_one_first_heading(stage: Stage, open_page, size) -> None:
    page = await full_page(stage, open_page, size=size)
    found = await tree(page)
    assert [node for node in found if node["role"] in CONTROLS and not node["name"].strip()] == []
    assert await page.locator("h1").count() == 1


async def test_the_landmarks_are_there_and_have_names(stage: Stage, open_page: OpenPage) -> None:
    page = await full_page(stage, open_page)
    names = {node["role"]: node["name"] for node in await tree(page)}
    assert names["main"] == "# incidents" and names["complementary"] == "Thread"
    assert names["navigation"] == "Channels and messages" and "banner" in names
    assert await page.get_by_role("region", name="Watch").count() == 1
    assert await page.get_by_role("list").count() >= 3


async def test_a_modal_is_a_named_dialog_and_its_fields_have_labels(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.slack.base_url)
    await expect(page.get_by_label("Act as")).to_have_value(ALICE)
    stage.workspace.show_view(ALICE, MODAL)
    await expect(page.get_by_role("dialog", name="Rework T1")).to_be_visible()
    found = await tree(page)
    assert {"role": "textbox", "name": "What was wrong?"} in found
    assert [node for node in found if node["role"] in CONTROLS and not node["name"].strip()] == []


async def test_news_is_announced_and_ones_own_words_are_not(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.thread())
    announcer = page.locator("#announcer")
    await expect(announcer).to_have_attribute("aria-live", "polite")
    await stage.slack.people.say("U0BOB", INCIDENTS, "the gateway is silent", thread_ts=stage.scene.alert_ts)
    await expect(announcer).to_have_text("Bob Tanaka: the gateway is silent")
    await stage.slack.people.say(ALICE, INCIDENTS, "I see", thread_ts=stage.scene.alert_ts)
    await expect(page.get_by_role("complementary")).to_contain_text("I see")
    await expect(announcer).to_have_text("Bob Tanaka: the gateway is silent")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_texts_stand_out_from_what_is_behind_them(stage: Stage, open_page: OpenPage, scheme: str) -> None:
    page = await full_page(stage, open_page, scheme=scheme)
    assert await page.evaluate(CONTRAST) == []
