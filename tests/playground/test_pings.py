"""Whom a message notifies: what tests rely on to show that escaped text pings nobody."""

import pytest

from slackbot.playground.markup import escaped, typed
from slackbot.playground.server import LocalSlack
from slackbot.playground.workspace import Workspace

EVERYWHERE = ["<@U2>", "<!channel>", "<!here>", "<!everyone>", "<!subteam^S1>", "<@U2|Grace>", "<!channel|x>"]


@pytest.mark.parametrize(
    ("text", "pinged"),
    [
        ("<@U2> look", {"U2"}),
        ("<!channel>", {"U1", "U2"}),
        ("<!here>", {"U1", "U2"}),
        ("<!everyone>", {"U1", "U2", "U3"}),
        ("<!subteam^S1>", {"U1", "U3"}),
        ("<!subteam^S1|@oncall>", {"U1", "U3"}),
        ("`<@U2>`", {"U2"}),
        ("<@U0PITCREW> <@U9GONE> <@U404>", set()),
        ("@grace @channel", set()),
        ("&lt;!channel&gt;", set()),
    ],
)
async def test_a_posted_text_pings_whom_it_names(slack: LocalSlack, client, text: str, pinged: set[str]) -> None:
    ts = (await client.chat_postMessage(channel="C1", text=text))["ts"]
    assert slack.thread("C1", ts)[0].pings == pinged


@pytest.mark.parametrize(
    ("content", "pinged"),
    [
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<@U2>"}}]}, {"U2"}),
        ({"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "<@U2>"}}]}, set()),
        ({"blocks": [{"type": "markdown", "text": "<!channel>"}]}, {"U1", "U2"}),
        ({"blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "<@U1>"}]}]}, {"U1"}),
        ({"attachments": [{"text": "<!subteam^S1>"}]}, {"U1", "U3"}),
        ({"text": "@grace", "link_names": True}, {"U2"}),
    ],
)
async def test_blocks_attachments_and_linked_names_ping_too(slack: LocalSlack, client, content, pinged) -> None:
    ts = (await client.chat_postMessage(channel="C1", **({"text": "x"} | content)))["ts"]
    assert slack.thread("C1", ts)[0].pings == pinged


@pytest.mark.parametrize("text", EVERYWHERE)
async def test_escaped_text_pings_nobody(slack: LocalSlack, client, text: str) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": escaped(text)}}]
    ts = (await client.chat_postMessage(channel="C1", text=escaped(text), blocks=blocks))["ts"]
    await client.chat_update(channel="C1", ts=ts, text=escaped(text))
    assert slack.thread("C1", ts)[0].pings == frozenset()


async def test_an_edit_that_names_somebody_pings_them(slack: LocalSlack, client) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="x"))["ts"]
    await client.chat_update(channel="C1", ts=ts, text="<@U2>")
    await client.chat_update(channel="C1", ts=ts, text="x")
    assert slack.thread("C1", ts)[0].pings == {"U2"}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("@pitcrew fix it", "<@U0PITCREW> fix it"),
        ("a < b & @oncall", "a &lt; b &amp; <!subteam^S1>"),
        ("<@U0PITCREW> mail ada@grace", "<@U0PITCREW> mail ada@grace"),
        ("@channel, @nobody", "<!channel>, @nobody"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_what_people_type_becomes_slacks_markup(workspace: Workspace, text: str, sent: str) -> None:
    assert typed(text, workspace.people.values(), workspace.groups.values()) == sent
