"""The Web API, driven by the real AsyncWebClient."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace

KEY = {"event_type": "pitcrew", "event_payload": {"key": "card:1"}}


async def refusal(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_token_says_who_the_bot_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0PITCREW", "B0PITCREW", "T0PITCREW")


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("", "auth.test", "not_authed"),
        ("xoxb-local-bot", "chat.sing", "unknown_method"),
        ("xoxb-local-bot", "apps.connections.open", "not_allowed_token_type"),
        ("xapp-1-local-app", "auth.test", "not_allowed_token_type"),
    ],
)
async def test_a_call_with_the_wrong_token_or_method_is_refused(slack: LocalSlack, token, method, error) -> None:
    client = AsyncWebClient(token, base_url=slack.api_url)
    assert await refusal(client.api_call(method)) == error


@pytest.mark.parametrize("how", ["form", "form_token", "json"])
async def test_bodies_may_be_forms_or_json(slack: LocalSlack, how: str) -> None:
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    blocks = [{"type": "divider"}]
    bodies = {
        "form": {"headers": bearer, "data": {"channel": "C1", "text": "hi", "blocks": '[{"type": "divider"}]'}},
        "form_token": {"data": {"channel": "C1", "text": "hi", "token": slack.bot_token, "blocks": "[]"}},
        "json": {"headers": bearer, "json": {"channel": "C1", "text": "hi", "blocks": blocks}},
    }
    async with aiohttp.ClientSession() as session:
        response = await session.post(slack.api_url + "chat.postMessage", **bodies[how])
        answer = await response.json()
    assert answer["ok"] and answer["message"]["text"] == "hi"
    assert [block["type"] for block in answer["message"].get("blocks", [])] == (
        [] if how == "form_token" else ["divider"]
    )
    assert "token" not in slack.calls("chat.postMessage")[0].arguments


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "C2", "text": "x"}, "not_in_channel"),
        ({"channel": "C3", "text": "x"}, "is_archived"),
        ({"channel": "C4", "text": "x"}, "channel_not_found"),
        ({"channel": "C1", "text": " "}, "no_text"),
        ({"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C1", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C1", "text": "x", "blocks": "{]"}, "invalid_blocks_format"),
        ({"channel": "C1", "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ],
)
async def test_a_post_that_slack_would_refuse_is_refused(slack: LocalSlack, client, arguments, error) -> None:
    assert await refusal(client.api_call("chat.postMessage", json=arguments)) == error
    assert slack.calls("chat.postMessage")[0].response["error"] == error
    assert not list(slack.workspace.messages.in_channel("C1"))


async def test_an_update_changes_what_is_given_and_keeps_the_rest(slack: LocalSlack, client) -> None:
    posted = await client.chat_postMessage(channel="C1", text="one", blocks=[{"type": "divider"}], metadata=KEY)
    await client.chat_update(channel="C1", ts=posted["ts"], text="two")
    [message] = slack.thread("C1", posted["ts"])
    assert (message.text, message.edits, len(message.blocks), message.metadata) == ("two", 1, 1, KEY)
    await client.chat_update(channel="C1", ts=posted["ts"], text="three", blocks=[])
    assert slack.thread("C1", posted["ts"])[0].blocks == ()


async def test_only_the_bots_own_messages_can_be_updated_or_deleted(slack: LocalSlack, client) -> None:
    theirs = await slack.people.say("U1", "C1", "mine")
    assert await refusal(client.chat_update(channel="C1", ts=theirs, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel="C1", ts=theirs)) == "cant_delete_message"
    own = (await client.chat_postMessage(channel="C1", text="x"))["ts"]
    assert await refusal(client.chat_update(channel="C1", ts=own, text="x" * 4_001)) == "msg_too_long"
    await client.chat_delete(channel="C1", ts=own)
    assert await refusal(client.chat_update(channel="C1", ts=own, text="x")) == "message_not_found"


async def test_a_deleted_parent_with_replies_leaves_a_tombstone(slack: LocalSlack, client) -> None:
    parent = await slack.people.say("U1", "C1", "page!")
    await client.chat_postMessage(channel="C1", text="on it", thread_ts=parent)
    await slack.people.delete("U1", "C1", parent)
    replies = await client.conversations_replies(channel="C1", ts=parent)
    assert [message.get("subtype") for message in replies["messages"]] == ["tombstone", None]
    assert (await client.chat_postMessage(channel="C1", text="still here", thread_ts=parent))["ok"]


async def test_replies_are_paged_filtered_and_carry_metadata_when_asked(slack: LocalSlack, client) -> None:
    root = await slack.people.say("U1", "C1", "root")
    texts = [f"reply {n}" for n in range(5)]
    sent = [(await client.chat_postMessage(channel="C1", text=t, thread_ts=root, metadata=KEY))["ts"] for t in texts]
    pages = [page.data async for page in await client.conversations_replies(channel="C1", ts=root, limit=3)]
    found = {message["ts"]: message["text"] for page in pages for message in page["messages"]}
    assert len(pages) == 3 and list(found.values()) == ["root", *texts]
    assert pages[0]["messages"][0]["reply_count"] == 5
    assert all("metadata" not in message for page in pages for message in page["messages"])
    some = await client.conversations_replies(
        channel="C1", ts=root, oldest=sent[1], latest=sent[3], inclusive=True, include_all_metadata=True
    )
    assert [message["text"] for message in some["messages"]] == ["root", "reply 1", "reply 2", "reply 3"]
    assert some["messages"][1]["metadata"] == KEY
    some = await client.conversations_replies(channel="C1", ts=root, oldest=sent[1], latest=sent[3])
    assert [message["text"] for message in some["messages"]] == ["root", "reply 2"]
    assert await refusal(client.conversations_replies(channel="C1", ts="1.000001")) == "thread_not_found"
    assert await refusal(client.conversations_replies(channel="C1", ts=root, cursor="?")) == "invalid_cursor"


async def test_history_shows_top_level_messages_newest_first(slack: LocalSlack, client) -> None:
    first = await slack.people.say("U1", "C1", "first", files=["screen.png"])
    await slack.people.say("U2", "C1", "inside", thread_ts=first)
    slack.workspace.post_as_bot("alerts", "C1", "CPU", attachments=[{"text": "90 %"}])
    messages = (await client.conversations_history(channel="C1"))["messages"]
    assert [message["text"] for message in messages] == ["CPU", "first"]
    assert messages[0]["subtype"] == "bot_message" and messages[0]["username"] == "alerts"
    assert messages[1]["files"][0]["name"] == "screen.png"


async def test_people_channels_and_groups_look_as_in_slack(slack: LocalSlack, client) -> None:
    slack.workspace.add_person("U7", "guest", is_restricted=True, team_id="T0OTHER")
    guest = (await client.users_info(user="U7"))["user"]
    assert guest["is_restricted"] and guest["team_id"] == "T0OTHER"
    assert (await client.users_info(user="U9GONE"))["user"]["deleted"]
    assert await refusal(client.users_info(user="U404")) == "user_not_found"
    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["U1", "U3"]
    assert await refusal(client.usergroups_users_list(usergroup="S404")) == "no_such_subteam"
    assert (await client.usergroups_list())["usergroups"][0]["handle"] == "oncall"
    assert (await client.conversations_info(channel="C3"))["channel"]["is_archived"]
    assert not (await client.conversations_info(channel="C2"))["channel"]["is_member"]
    assert (await client.conversations_members(channel="C1"))["members"] == ["U1", "U2", "U0PITCREW"]


async def test_a_direct_message_is_opened_once(slack: LocalSlack, client) -> None:
    first = (await client.conversations_open(users=["U1"]))["channel"]["id"]
    posted = await client.chat_postMessage(channel="U1", text="psst")
    assert posted["channel"] == first == (await client.conversations_open(users="U1"))["channel"]["id"]


async def test_an_ephemeral_message_is_seen_by_one_person_and_not_in_the_thread(slack: LocalSlack, client) -> None:
    root = await slack.people.say("U1", "C1", "root")
    await client.chat_postEphemeral(channel="C1", user="U2", text="only you", thread_ts=root)
    assert [message.text for message in slack.thread("C1", root)] == ["root"]
    [message] = slack.workspace.messages.ephemeral
    assert message.ephemeral_for == "U2" and "only U2 sees this" in slack.transcript("C1", root)
    assert await refusal(client.chat_postEphemeral(channel="C1", user="U3", text="x")) == "user_not_in_channel"


async def test_permalinks_reactions_and_session_states_are_answered(slack: LocalSlack, client) -> None:
    root = await slack.people.say("U1", "C1", "root")
    link = (await client.chat_getPermalink(channel="C1", message_ts=root))["permalink"]
    assert link == f"{slack.base_url}/archives/C1/p{root.replace('.', '')}"
    await client.reactions_add(channel="C1", timestamp=root, name="eyes")
    assert await refusal(client.reactions_add(channel="C1", timestamp=root, name="eyes")) == "already_reacted"
    status = await client.api_call("agents.sessions.setStatus", json={"status": "processing", "channel_id": "C1"})
    assert status["status"] == "processing"


async def test_a_page_can_add_routes_before_the_server_listens() -> None:
    async def page(_request: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.Response(text="hello")

    def extend(slack: LocalSlack) -> None:
        slack.app.router.add_get("/", page)

    async with LocalSlack.running(Workspace(), extend=extend) as slack, aiohttp.ClientSession() as session:
        assert await (await session.get(slack.base_url)).text() == "hello"
