"""Everything without a mouse: writing, threads, the modal and its errors; the focus is never lost."""

import pytest
from playwright.async_api import expect

from slackbot.demo.scene import ALICE, BOB, INCIDENTS
from slackbot.playground.page import Guide, OpenAt, Suggestion
from tests.browser.conftest import OpenPage, Stage
from tests.playground.test_people import CARD, MODAL

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def post_card(stage: Stage) -> str:
    where = {"channel": INCIDENTS, "thread_ts": stage.scene.alert_ts}
    return (await stage.client.chat_postMessage(**where, text="T1 is ready", blocks=CARD))["ts"]


async def test_a_message_is_written_and_sent(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.slack.base_url)
    composer = page.get_by_role("textbox", name="Message #incidents")
    await composer.focus()
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two @bob")
    await page.keyboard.press("Enter")
    await expect(composer).to_have_value("")
    await expect(composer).to_be_focused()
    await stage.slack.until(
        lambda: any(m.text == "one\ntwo <@U0BOB>" for m in stage.workspace.messages.in_channel(INCIDENTS))
    )


async def test_a_thread_opens_with_the_focus_in_it_and_escape_closes_it(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.slack.base_url)
    await page.get_by_role("button", name="Reply in the thread of Pager").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Reply in the thread")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("complementary")).to_be_hidden()
    await expect(page.get_by_role("textbox", name="Message #incidents")).to_be_focused()


async def test_the_modal_from_click_to_submission(stage: Stage, open_page: OpenPage) -> None:
    await post_card(stage)
    page = await open_page(stage.thread())
    button = page.get_by_role("complementary").get_by_role("button", name="Approve")
    await button.focus()
    await page.keyboard.press("Enter")
    [click] = await stage.slack.until(lambda: stage.app.clicks)
    await stage.client.views_open(trigger_id=click["trigger_id"], view=MODAL)
    field = page.get_by_role("textbox", name="What was wrong?")
    await expect(field).to_be_focused()
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await field.focus()
    await page.keyboard.type("too slow")
    stage.app.errors = {"feedback": "Say more than that."}
    await page.get_by_role("dialog").get_by_role("button", name="Rework").press("Enter")
    await expect(page.get_by_role("alert").get_by_text("Say more than that.")).to_be_visible()
    await expect(field).to_be_focused()
    stage.app.errors = {}
    await page.keyboard.type(", by far")
    await page.get_by_role("dialog").get_by_role("button", name="Rework").press("Enter")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(button).to_be_focused()
    said = stage.app.submissions[-1]["view"]["state"]["values"]["feedback"]["text"]["value"]
    assert said == "too slow, by far"


async def test_an_empty_answer_is_refused_before_it_is_sent_and_escape_closes(
    stage: Stage, open_page: OpenPage
) -> None:
    page = await open_page(stage.slack.base_url)
    await expect(page.get_by_label("Act as")).to_have_value(ALICE)
    stage.workspace.show_view(ALICE, MODAL)
    await page.get_by_role("dialog").get_by_role("button", name="Rework").press("Enter")
    await expect(page.get_by_text("Please fill this in.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert stage.app.submissions == [] and stage.workspace.views == {}


async def test_the_focus_stays_on_a_button_whose_card_is_edited(stage: Stage, open_page: OpenPage) -> None:
    ts = await post_card(stage)
    page = await open_page(stage.thread())
    button = page.get_by_role("complementary").get_by_role("button", name="Approve")
    await button.focus()
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*T1* has news"}}
    await stage.client.chat_update(channel=INCIDENTS, ts=ts, text="T1 has news", blocks=[section, CARD[1]])
    await expect(page.get_by_role("complementary")).to_contain_text("T1 has news")
    await expect(button).to_be_focused()
    await expect(page.locator("#announcer")).to_have_text("pitcrew now says: T1 has news")


async def test_a_suggested_message_is_written_once_and_ones_own_words_stay(stage: Stage, open_page: OpenPage) -> None:
    at = OpenAt(channel=INCIDENTS, thread_ts=stage.scene.alert_ts)
    stage.guide = Guide(step=1, of=2, title="Begin", text="Press *Enter*.", suggestion=Suggestion(text="hello", at=at))
    page = await open_page(stage.slack.base_url)
    composer = page.get_by_role("textbox", name="Reply in the thread")
    await expect(composer).to_have_value("hello")
    await composer.fill("my own words")
    stage.guide = stage.guide.model_copy(update={"step": 2, "title": "Go on"})
    await stage.slack.people.say(BOB, INCIDENTS, "news")
    await expect(page.get_by_role("region", name="Go on")).to_be_visible()
    await expect(composer).to_have_value("my own words")
    await page.get_by_role("button", name="Put the guide away").press("Enter")
    await expect(page.get_by_role("region", name="Go on")).to_be_hidden()
    await expect(page.get_by_role("button", name="Guide", exact=True)).to_be_focused()
