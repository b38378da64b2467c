"""Clicks and modals, as a real Bolt app gets them over Socket Mode."""

import pytest
from slack_sdk.errors import SlackApiError

from slackbot.playground.people import NotAcked, SubmissionRefused
from slackbot.playground.server import LocalSlack
from tests.playground.conftest import Bot, HandClock

TEXT = {"type": "plain_text", "text": "Approve"}
CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*T1* is ready"}},
    {"type": "actions", "elements": [{"type": "button", "action_id": "approve", "text": TEXT, "value": "sha1"}]},
]
MODAL = {
    "type": "modal",
    "callback_id": "rework",
    "title": {"type": "plain_text", "text": "Rework T1"},
    "submit": {"type": "plain_text", "text": "Rework"},
    "private_metadata": "sha1",
    "blocks": [
        {
            "type": "input",
            "block_id": "feedback",
            "label": {"type": "plain_text", "text": "What was wrong?"},
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        }
    ],
}


@pytest.fixture
async def card(slack: LocalSlack, client) -> str:
    root = await slack.people.say("U1", "C1", "root")
    return (await client.chat_postMessage(channel="C1", text="T1", blocks=CARD, thread_ts=root))["ts"]


@pytest.fixture
async def trigger(slack: LocalSlack, bot: Bot, card: str) -> str:
    await slack.people.click("U1", "C1", card, "approve")
    await slack.until(lambda: bot.clicks)
    return bot.clicks[0]["trigger_id"]


async def test_a_click_says_who_clicked_what_where(slack: LocalSlack, bot: Bot, card: str) -> None:
    await slack.people.click("U2", "C1", card, "approve")
    [body] = await slack.until(lambda: bot.clicks)
    assert (body["user"]["id"], body["team"]["id"], body["channel"]["id"]) == ("U2", "T0PITCREW", "C1")
    assert body["container"]["message_ts"] == body["message"]["ts"] == card
    assert body["container"]["thread_ts"] == body["message"]["thread_ts"]
    [action] = body["actions"]
    assert (action["action_id"], action["value"], action["type"]) == ("approve", "sha1", "button")
    assert action["block_id"] == body["message"]["blocks"][1]["block_id"] and float(action["action_ts"])
    assert body["response_url"].startswith(slack.base_url) and body["trigger_id"]


async def test_a_stale_card_can_still_be_clicked(slack: LocalSlack, client, bot: Bot, card: str) -> None:
    await client.chat_update(channel="C1", ts=card, text="done", blocks=[])
    with pytest.raises(LookupError):
        await slack.people.click("U1", "C1", card, "approve")
    await slack.people.click("U1", "C1", card, "approve", value="sha0")
    [body] = await slack.until(lambda: bot.clicks)
    assert body["actions"][0]["value"] == "sha0"


async def test_a_select_sends_the_picked_option(slack: LocalSlack, client, bot: Bot) -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("shop", "docs")]
    select = {"type": "static_select", "action_id": "approve", "options": options}
    blocks = [{"type": "actions", "elements": [select]}]
    ts = (await client.chat_postMessage(channel="C1", text="which?", blocks=blocks))["ts"]
    await slack.people.click("U1", "C1", ts, "approve", value="docs")
    [body] = await slack.until(lambda: bot.clicks)
    assert body["actions"][0]["selected_option"]["value"] == "docs"


async def test_a_click_that_nobody_acks_fails_and_is_not_delivered_later(slack: LocalSlack, client, card: str) -> None:
    slack.people.ack_timeout_s = 0.05
    slack.subscriptions = frozenset()
    with pytest.raises(NotAcked):
        await slack.people.click("U1", "C1", card, "approve")
    bot = Bot(client, slack.app_token)
    await bot.handler.connect_async()
    slack.people.ack_timeout_s = 10
    await slack.people.click("U1", "C1", card, "approve")
    await bot.handler.close_async()
    assert len(bot.clicks) == 1


async def test_a_modal_is_opened_submitted_and_closed(slack: LocalSlack, client, bot: Bot, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    await slack.people.submit("U1", view["id"], {"feedback": {"text": "wrong file"}})
    [body] = bot.submissions
    assert body["view"]["state"]["values"]["feedback"]["text"]["value"] == "wrong file"
    assert (body["view"]["id"], body["view"]["hash"]) == (view["id"], view["hash"])
    assert (body["view"]["callback_id"], body["view"]["private_metadata"]) == ("rework", "sha1")
    assert body["user"]["id"] == "U1" and slack.workspace.views == {}


async def test_a_refused_submission_leaves_the_modal_open(slack: LocalSlack, client, bot: Bot, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    bot.errors = {"feedback": "Say what was wrong."}
    with pytest.raises(SubmissionRefused, match="Say what was wrong"):
        await slack.people.submit("U1", view["id"], {"feedback": {"text": "."}})
    assert view["id"] in slack.workspace.views
    with pytest.raises(LookupError):
        await slack.people.submit("U2", view["id"], {})


@pytest.mark.parametrize(("waited_s", "error"), [(2.9, None), (3, "expired_trigger_id")])
async def test_a_trigger_lives_three_seconds(client, clock: HandClock, trigger: str, waited_s, error) -> None:
    clock.forward(waited_s)
    if error is None:
        assert (await client.views_open(trigger_id=trigger, view=MODAL))["ok"]
        return
    with pytest.raises(SlackApiError, match=error):
        await client.views_open(trigger_id=trigger, view=MODAL)


async def test_a_trigger_opens_one_modal(client, trigger: str) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=MODAL | {"title": {"type": "plain_text", "text": "x" * 25}})
    await client.views_open(trigger_id=trigger, view=MODAL)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger, view=MODAL)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="made.up", view=MODAL)


async def test_a_view_is_updated_by_id_and_hash(client, slack: LocalSlack, trigger: str) -> None:
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    other = MODAL | {"callback_id": "other"}
    updated = (await client.views_update(view_id=view["id"], hash=view["hash"], view=other))["view"]
    assert updated["id"] == view["id"] and slack.workspace.views[view["id"]].callback_id == "other"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view["id"], hash=view["hash"], view=other)


async def test_a_response_url_answers_one_person_or_replaces_the_message(slack: LocalSlack, bot: Bot, card) -> None:
    async def respond(ack, respond) -> None:
        await ack()
        await respond("only you")
        await respond("replaced", replace_original=True, blocks=[])

    bot.app.action("other")(respond)
    await slack.people.click("U1", "C1", card, "other", value="1")
    message = await slack.until(lambda: slack.workspace.messages.get("C1", card).edits and slack.workspace)
    assert message.messages.get("C1", card).text == "replaced"
    assert [message.ephemeral_for for message in slack.workspace.messages.ephemeral] == ["U1"]


async def test_nobody_writes_where_they_are_not_a_member_or_edits_anothers_message(slack: LocalSlack) -> None:
    with pytest.raises(PermissionError):
        await slack.people.say("U3", "C1", "hello")
    ts = await slack.people.say("U1", "C1", "mine")
    with pytest.raises(PermissionError):
        await slack.people.edit("U2", "C1", ts, "not mine")


async def test_the_transcript_reads_like_the_screen(slack: LocalSlack, card: str) -> None:
    lines = [line.strip() for line in slack.transcript("C1").splitlines()]
    assert lines[0] == "#incidents (C1)" and lines[2] == "root"
    assert lines[-2:] == ["*T1* is ready", "[Approve]"]
