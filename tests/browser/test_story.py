"""What a person does who never saw the project: one command, one page, from an alert to a merged fix."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, Demo, OpenPage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(150),
    pytest.mark.asyncio(loop_scope="session"),
]
REQUEST = "@pitcrew fix this page and update the reliability docs"


async def test_from_the_alert_to_the_merged_fix(demo: Demo, open_page: OpenPage, shot) -> None:
    page = await open_page(demo.url)
    thread, guide = page.get_by_role("complementary"), page.get_by_role("region", name="Ask for a fix")
    await expect(page.get_by_label("Act as")).to_have_value("U0ALICE")
    await expect(guide).to_contain_text("Step 1 of 6")
    composer = thread.get_by_role("textbox", name="Reply in the thread")
    await expect(composer).to_be_focused()
    await expect(composer).to_have_value(REQUEST)

    await page.keyboard.press("Enter")
    await expect(thread).to_contain_text("Working on it")
    await expect(thread).to_contain_text("Find the call that waits for ever")
    await expect(thread).to_contain_text("Ready for your decision")
    await expect(thread).to_contain_text("✓ check")
    assert "TIMEOUT_S = 30" in await diff_of(page)

    await thread.get_by_role("button", name="Rework").click()
    modal = page.get_by_role("dialog", name="Rework T1")
    await modal.get_by_role("button", name="Use this text").click()
    await expect(modal.get_by_role("textbox", name="What was wrong?")).to_have_value(
        "30 s is too long for checkout: use 2 s and one retry"
    )
    await modal.get_by_role("button", name="Rework").click()
    await expect(modal).to_be_hidden()
    await expect(thread).to_contain_text("attempt 2")
    await expect(thread).to_contain_text("Ready for your decision")
    assert "TIMEOUT_S = 2" in await diff_of(page)

    await thread.get_by_role("button", name="Approve").click()
    await expect(thread).to_contain_text("another person approves")
    await expect(thread).to_contain_text("Only visible to you")
    await page.get_by_role("button", name="Act as Bob").click()
    await expect(page.get_by_label("Act as")).to_have_value("U0BOB")
    await expect(thread).not_to_contain_text("Only visible to you")
    await thread.get_by_role("button", name="Approve").click()
    await expect(thread.get_by_text("Landed", exact=True)).to_be_visible()
    await expect(page.get_by_role("region", name="What you just saw")).to_contain_text("Your own Slack")
    assert await thread.get_by_role("button", name="Approve").count() == 0
    await page.mouse.move(0, 0)
    await composer.focus()
    await shot(page, "thread")

    await on_a_phone(demo, open_page, shot)


async def diff_of(page: Page) -> str:
    """What the card's link shows, in its new tab."""
    async with page.context.expect_page() as opened:
        await page.get_by_role("complementary").get_by_role("link", name="See the diff").click()
    tab = await opened.value
    await tab.wait_for_load_state()
    shown = await tab.inner_text("body")
    await tab.close()
    return shown


async def on_a_phone(demo: Demo, open_page: OpenPage, shot) -> None:
    """The same thread at 390 px: one pane at a time, nothing wider than the screen."""
    page = await open_page(demo.url, PHONE)
    await page.get_by_role("button", name="Put the guide away").click()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await page.get_by_role("button", name="2 replies").click()
    await expect(page.get_by_text("Landed", exact=True)).to_be_visible()
    await expect(page.get_by_role("main")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await shot(page, "phone")
    await page.get_by_role("button", name="Show the channels").click()
    await page.get_by_role("button", name="team").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("# team")
