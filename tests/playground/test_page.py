"""The browser page without a browser: who may order, what one person sees, what goes wrong is told."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from slackbot.playground.model import Draft
from slackbot.playground.page import Guide, Page
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace
from tests.playground.conftest import BOT, Bot
from tests.playground.test_people import CARD, MODAL


class Watch:
    """Reads a viewer's stream, event by event."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self, name: str) -> dict:
        """The next event of that name; others are skipped."""
        seen = ""
        async for line in self._answer.content:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                seen = text.removeprefix("event: ")
            elif text.startswith("data: ") and seen == name:
                return json.loads(text.removeprefix("data: "))
        raise AssertionError(f"the stream ended without {name}")


@pytest.fixture
def guide() -> list[Guide | None]:
    return [None]


@pytest.fixture
async def slack(workspace: Workspace, guide: list[Guide | None]) -> AsyncIterator[LocalSlack]:
    page = Page({"U1": "on call", "U2": ""}, lambda: guide[0])
    async with LocalSlack.running(workspace, extend=page.extend) as slack:
        yield slack


@pytest.fixture
async def http(slack: LocalSlack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(slack.base_url) as session:
        yield session


async def watch(http: aiohttp.ClientSession, viewer: str) -> Watch:
    return Watch(await http.get("/page/stream", params={"as": viewer}))


async def test_the_page_and_a_messages_link_show_the_page_under_a_strict_policy(http: aiohttp.ClientSession) -> None:
    for address in ("/", "/archives/C1/p1795143600000100?thread_ts=1.2"):
        async with http.get(address) as answer:
            assert answer.status == 200 and "<main" in await answer.text()
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["page.css", "main.js", "pitcrew.svg"])
async def test_files_of_the_page_are_served(http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"/page/files/{name}") as answer:
        assert answer.status == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_nothing_but_the_pages_files_is_served(http: aiohttp.ClientSession) -> None:
    async with http.get("/page/files/..%2Fserver.py") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example", "Content-Type": "application/json"},
        {"Origin": "null", "Content-Type": "application/json"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_another_site_cannot_order(slack: LocalSlack, http: aiohttp.ClientSession, headers: dict) -> None:
    order = json.dumps({"by": "U1", "channel": "C1", "text": "stolen"})
    async with http.post("/page/say", data=order, headers=headers) as answer:
        assert answer.status == 403
    assert "stolen" not in slack.transcript()


async def test_another_host_name_reads_nothing(http: aiohttp.ClientSession) -> None:
    async with http.get("/page/stream", headers={"Host": "evil.example:80"}) as answer:
        assert answer.status == 403


async def test_a_viewer_gets_everything_then_every_change(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    first = await slack.people.say("U1", "C1", "before")
    seen = await watch(http, "U1")
    told = await seen.next("everything")
    assert [message["text"] for message in told["messages"]] == ["before"]
    assert {channel["id"] for channel in told["channels"]} >= {"C1", "C2", "C4"}
    assert (await seen.next("facts"))["connected"] is False
    await slack.people.say("U2", "C1", "after, for @ada", thread_ts=first)
    message = await seen.next("message")
    assert message["text"] == "after, for <@U1>" and message["pinged"] and message["thread"] == first
    slack.workspace.react("C1", first, "eyes", "U2")
    assert (await seen.next("message"))["reactions"] == [{"name": "eyes", "count": 1, "yours": False}]
    slack.workspace.edit("C1", first, "U1", text="edited")
    assert (await seen.next("message"))["edited"]


async def test_a_viewer_sees_only_what_is_theirs(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    workspace = slack.workspace
    workspace.post(Draft(channel="C1", user=BOT, text="for grace alone", ephemeral_for="U2"))
    workspace.post(Draft(channel="C2", user="U1", text="in ada's channel"))
    workspace.show_view("U2", MODAL)
    ada, grace = await watch(http, "U1"), await watch(http, "U2")
    for_ada, for_grace = await ada.next("everything"), await grace.next("everything")
    assert [message["text"] for message in for_ada["messages"]] == ["in ada's channel"] and for_ada["views"] == []
    assert [message["text"] for message in for_grace["messages"]] == ["for grace alone"] and len(
        for_grace["views"]
    ) == 1
    workspace.post(Draft(channel="C1", user=BOT, text="again for grace", ephemeral_for="U2"))
    workspace.post(Draft(channel="C1", user=BOT, text="for both"))
    assert (await ada.next("message"))["text"] == "for both"


async def test_a_stranger_looks_as_the_first_of_the_cast(http: aiohttp.ClientSession) -> None:
    seen = await watch(http, "U404")
    assert (await seen.next("everything"))["you"] == "U1"


async def test_the_guide_is_told_when_it_says_something_new(slack: LocalSlack, http, guide) -> None:
    seen = await watch(http, "U1")
    assert await seen.next("guide") == {"guide": None}
    guide[0] = Guide(step=1, of=2, title="Begin", text="here")
    await slack.people.say("U1", "C1", "anything")
    assert (await seen.next("guide"))["guide"]["title"] == "Begin"


async def test_words_and_reactions_arrive_as_from_people(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    async with http.post("/page/say", json={"by": "U1", "channel": "C1", "text": "@grace a < b"}) as answer:
        assert answer.status == 200
    [message] = slack.workspace.messages.in_channel("C1")
    assert message.text == "<@U2> a &lt; b"
    body = {"by": "U2", "channel": "C1", "ts": message.ts, "name": "tada"}
    async with http.post("/page/react", json=body) as answer:
        assert answer.status == 200
    assert slack.workspace.messages.get("C1", message.ts).reactions[0].by == ("U2",)


@pytest.mark.parametrize(
    ("order", "body", "status"),
    [
        ("say", {"by": "U3", "channel": "C1", "text": "not a member"}, 409),
        ("say", {"by": "U1", "channel": "C404", "text": "nowhere"}, 409),
        ("say", {"by": "U1"}, 400),
        ("click", {"by": "U1", "channel": "C1", "ts": "1.1", "action_id": "approve"}, 409),
        ("submit", {"by": "U1", "view": "V404", "values": {}}, 409),
        ("dismiss", {"by": "U1", "view": "V404"}, 200),
    ],
)
async def test_what_cannot_be_done_is_said(http: aiohttp.ClientSession, order: str, body: dict, status: int) -> None:
    async with http.post(f"/page/{order}", json=body) as answer:
        assert answer.status == status
        assert status == 200 or (await answer.json())["error"]


async def test_a_click_and_a_refused_submission(slack: LocalSlack, http, client, bot: Bot) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="T1", blocks=CARD))["ts"]
    click = {"by": "U1", "channel": "C1", "ts": ts, "action_id": "approve", "value": "sha1"}
    async with http.post("/page/click", json=click) as answer:
        assert answer.status == 200
    [body] = await slack.until(lambda: bot.clicks)
    view = (await client.views_open(trigger_id=body["trigger_id"], view=MODAL))["view"]
    bot.errors = {"feedback": "Say what was wrong."}
    submit = {"by": "U1", "view": view["id"], "values": {"feedback": {"text": "no"}}}
    async with http.post("/page/submit", json=submit) as answer:
        assert (answer.status, await answer.json()) == (422, {"errors": {"feedback": "Say what was wrong."}})
    bot.errors = {}
    async with http.post("/page/submit", json=submit) as answer:
        assert answer.status == 200
    assert slack.workspace.views == {}


async def test_a_click_that_nobody_answers_is_told(slack: LocalSlack, http, client) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="T1", blocks=CARD))["ts"]
    slack.people.ack_timeout_s = 0.05
    click = {"by": "U1", "channel": "C1", "ts": ts, "action_id": "approve"}
    async with http.post("/page/click", json=click) as answer:
        assert answer.status == 504 and "did not answer" in (await answer.json())["error"]


async def test_a_modal_can_be_put_away(slack: LocalSlack, http) -> None:
    view = slack.workspace.show_view("U1", MODAL)
    async with http.post("/page/dismiss", json={"by": "U2", "view": view.id}) as answer:
        assert answer.status == 200 and slack.workspace.views
    async with http.post("/page/dismiss", json={"by": "U1", "view": view.id}) as answer:
        assert answer.status == 200 and not slack.workspace.views


async def test_local_slack_stops_at_once_while_pages_are_open(slack: LocalSlack, http) -> None:
    seen = await watch(http, "U1")
    await seen.next("everything")
    await slack.stop()
    with pytest.raises(AssertionError, match="the stream ended"):
        await seen.next("message")
