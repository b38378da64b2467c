"""How texts and blocks are drawn, and that nothing that somebody wrote becomes more than text."""

import pytest
from playwright.async_api import expect

from slackbot.demo.scene import ALICE, BOB, INCIDENTS, TEAM
from slackbot.playground.model import Draft
from tests.browser.conftest import OpenPage, Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MRKDWN = [
    ("*bold* _slanted_ ~gone~ `code`", "<strong>bold</strong> <em>slanted</em> <s>gone</s> <code>code</code>"),
    ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
    ("*<@U1>* and _<https://x.example/a|that>_", "<strong>@ada</strong> and <em><a>that</a></em>"),
    ("<@U1> <@U9|gone> <#C1> <!here> <!subteam^S1>", "@ada @gone #incidents @here @oncall"),
    ("a &lt;b&gt; &amp;amp; c", "a &lt;b&gt; &amp;amp; c"),
    ("&gt; said\n> too\nnot", "<blockquote>said\ntoo</blockquote>not"),
    ("```\nx = 1 &lt; 2\n*not bold*\n```", "<pre><code>x = 1 &lt; 2\n*not bold*</code></pre>"),
    (":tada: :no_such_thing: 10:30:45", "🎉 :no_such_thing: 10:30:45"),
    ("<https://x.example/?a=1&amp;b=2|label>", "<a>label</a>"),
    ("<javascript:alert(1)|click>", "click"),
    ("<!date^notanumber^{time}|at noon>", "at noon"),
    ("<!date^1795143600^in {date_num}|then>", "in 2026-11-20"),
    ("see https://x.example/a_b.", "see <a>https://x.example/a_b</a>."),
]
DRAW = """async (text) => {
  const { mrkdwn } = await import('/page/files/mrkdwn.js');
  const names = { you: 'U2', people: { U1: { name: 'ada' } }, groups: { S1: 'oncall' }, channels: { C1: 'incidents' } };
  const box = document.createElement('div');
  box.append(mrkdwn(text, names, { bare: true }));
  for (const hidden of box.querySelectorAll('.unseen')) hidden.remove();
  for (const element of box.querySelectorAll('span, time')) element.replaceWith(...element.childNodes);
  for (const element of box.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) element.removeAttribute(name);
  }
  return box.innerHTML;
}"""
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


async def test_mrkdwn_is_drawn_as_slack_draws_it(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.slack.base_url)
    drawn = [(text, await page.evaluate(DRAW, text)) for text, _ in MRKDWN]
    assert drawn == MRKDWN


async def test_hostile_texts_stay_texts(stage: Stage, open_page: OpenPage) -> None:
    words = {"type": "mrkdwn", "text": f'{EVIL} <javascript:alert(3)|go> <https://x.example/"onclick=alert(4)|there>'}
    plain = {"type": "plain_text", "text": EVIL}
    blocks = [
        {"type": "header", "text": plain},
        {"type": "section", "text": words, "fields": [words, plain]},
        {
            "type": "context",
            "elements": [words, {"type": "image", "image_url": "javascript:alert(5)", "alt_text": EVIL}],
        },
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": EVIL, "text": plain, "url": "javascript:alert(6)"}],
        },
        {"type": EVIL},
    ]
    attachment = {"title": EVIL, "title_link": "javascript:alert(7)", "text": EVIL, "color": "red;background:url(x)"}
    draft = Draft(channel=INCIDENTS, user=BOB, text=EVIL)
    stage.workspace.post(draft.model_copy(update={"blocks": tuple(blocks), "attachments": (attachment,)}))
    stage.workspace.post(draft.model_copy(update={"attachments": ({"fallback": EVIL, "pretext": EVIL},)}))
    stage.workspace.add_person("U0EVIL", EVIL, real_name=EVIL)
    stage.workspace.post(draft.model_copy(update={"text": "<@U0EVIL>"}))
    page = await open_page(stage.slack.base_url)
    log = page.get_by_role("main")
    await expect(log).to_contain_text("(a block of type")
    assert await log.locator("img:not(.face img), script, iframe, [onerror], [onclick], [style*=url]").count() == 0
    links = await page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.protocol)")
    assert set(links) == {"http:", "https:"}


async def test_links_elsewhere_open_in_a_new_tab_and_links_to_messages_here(stage: Stage, open_page: OpenPage) -> None:
    ts = await stage.slack.people.say(BOB, TEAM, "the summary")
    link = (await stage.client.chat_getPermalink(channel=TEAM, message_ts=ts))["permalink"]
    await stage.slack.people.say(BOB, INCIDENTS, f"<{link}> and <https://x.example/d>")
    page = await open_page(stage.slack.base_url)
    elsewhere = page.get_by_role("link", name="https://x.example/d")
    assert await elsewhere.get_attribute("target") == "_blank"
    assert "noopener" in (await elsewhere.get_attribute("rel") or "")
    await page.get_by_role("link", name=link).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("# team")


async def test_what_is_unread_is_marked_until_it_is_seen(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.slack.base_url)
    team = page.get_by_role("navigation").get_by_role("button", name="team")
    await team.click()
    await page.get_by_role("navigation").get_by_role("button", name="incidents").click()
    await expect(team).to_have_accessible_name("team")
    await stage.slack.people.say(BOB, TEAM, "hello @alice")
    await expect(team).to_have_accessible_name("team , 1 unread, 1 for you")
    await team.click()
    await page.get_by_role("navigation").get_by_role("button", name="random").click()
    await expect(team).to_have_accessible_name("team")


async def test_a_menu_decides_only_when_chosen(stage: Stage, open_page: OpenPage) -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("shop", "docs")]
    select = {"type": "static_select", "action_id": "approve", "options": options}
    blocks = [{"type": "actions", "elements": [select]}]
    await stage.client.chat_postMessage(channel=INCIDENTS, text="which?", blocks=blocks)
    page = await open_page(stage.slack.base_url)
    await page.get_by_role("main").get_by_role("combobox", name="Choose").select_option("docs")
    assert stage.app.clicks == []
    await page.get_by_role("button", name="Choose").click()
    [click] = await stage.slack.until(lambda: stage.app.clicks)
    assert click["actions"][0]["selected_option"]["value"] == "docs" and click["user"]["id"] == ALICE


async def test_a_reaction_is_added_and_shown(stage: Stage, open_page: OpenPage) -> None:
    ts = await stage.slack.people.say(BOB, INCIDENTS, "done")
    page = await open_page(stage.slack.base_url)
    await page.get_by_role("button", name="React with thumbs up to Bob Tanaka").last.press("Enter")
    chip = page.get_by_role("button", name="1 reaction: thumbs up, yours among them")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    assert stage.workspace.messages.get(INCIDENTS, ts).reactions[0].by == (ALICE,)


async def test_the_page_says_when_local_slack_is_gone(stage: Stage, open_page: OpenPage) -> None:
    page = await open_page(stage.slack.base_url)
    await expect(page.get_by_text("pitcrew is connected")).to_be_visible()
    await stage.app.handler.close_async()
    await expect(page.get_by_text("pitcrew is not connected")).to_be_visible()
