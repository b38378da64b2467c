"""Socket Mode, driven by a real Bolt app and raw websockets."""

import asyncio
import json

import aiohttp
import pytest

from slackbot.playground.server import LocalSlack
from slackbot.playground.waiting import NeverHappened
from tests.playground.conftest import Bot


def acked(slack: LocalSlack, ts: str) -> list[str]:
    return sorted(ack.event for ack in slack.acks() if ack.about == ts and ack.acked_at)


async def connect(slack: LocalSlack, client, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    opened = await client.apps_connections_open(app_token=slack.app_token)
    return await session.ws_connect(opened["url"])


async def test_a_mention_arrives_as_two_events_with_different_ids(slack: LocalSlack, bot: Bot) -> None:
    ts = await slack.people.say("U1", "C1", "@pitcrew fix it")
    await slack.until(lambda: len(acked(slack, ts)) == 2)
    mention, message = sorted(bot.events, key=lambda body: body["event"]["type"])
    assert (mention["event"]["type"], message["event"]["type"]) == ("app_mention", "message")
    assert mention["event_id"] != message["event_id"]
    assert mention["event"]["ts"] == message["event"]["ts"] == ts
    assert mention["event"]["text"] == "<@U0PITCREW> fix it" and message["event"]["channel_type"] == "channel"
    assert (message["team_id"], message["api_app_id"]) == ("T0PITCREW", "A0PITCREW")
    assert message["authorizations"][0]["user_id"] == "U0PITCREW"


async def test_a_direct_message_is_one_event(slack: LocalSlack, bot: Bot) -> None:
    channel = slack.workspace.direct_channel("U1").id
    ts = await slack.people.say("U1", channel, "@pitcrew hello")
    await slack.until(lambda: acked(slack, ts))
    [body] = bot.events
    assert body["event"]["channel_type"] == "im" and body["event"]["user"] == "U1"


async def test_replies_edits_and_deletions_are_told(slack: LocalSlack, bot: Bot) -> None:
    root = await slack.people.say("U1", "C1", "root")
    reply = await slack.people.say("U2", "C1", "reply", thread_ts=root)
    await slack.people.edit("U2", "C1", reply, "@pitcrew reply")
    await slack.people.delete("U2", "C1", reply)
    await slack.until(lambda: len(bot.events) == 5)
    by_subtype = {body["event"].get("subtype", body["event"]["ts"]): body["event"] for body in bot.events}
    assert by_subtype["message_changed"]["message"]["edited"]["user"] == "U2"
    assert by_subtype["message_changed"]["previous_message"]["text"] == "reply"
    assert by_subtype["message_deleted"]["deleted_ts"] == reply
    mention = next(body["event"] for body in bot.events if body["event"]["type"] == "app_mention")
    assert (mention["ts"], mention["thread_ts"]) == (reply, root) and mention["edited"]["user"] == "U2"


async def test_the_bot_hears_nothing_from_where_it_is_not_a_member(slack: LocalSlack, bot: Bot) -> None:
    await slack.people.say("U1", "C2", "@pitcrew are you there?")
    assert slack.deliveries.all == []


async def test_the_apps_own_posts_come_back_as_events_when_subscribed(slack: LocalSlack, client) -> None:
    await client.chat_postMessage(channel="C1", text="mine")
    slack.subscriptions = frozenset({"app_mention"})
    await client.chat_postMessage(channel="C1", text="mine too")
    [delivery] = slack.deliveries.all
    assert delivery.payload["event"]["bot_id"] == "B0PITCREW"


async def test_an_event_that_is_not_acked_is_sent_again_with_the_same_id(slack: LocalSlack, bot: Bot) -> None:
    slack.subscriptions = frozenset({"app_mention"})
    bot.broken = 1
    slack.deliveries.retries_s = (0.05,)
    ts = await slack.people.say("U1", "C1", "@pitcrew fix it")
    await slack.until(lambda: acked(slack, ts))
    first, second = slack.acks()
    assert first.key == second.key and first.envelope_id != second.envelope_id
    assert (first.acked_at, second.retry) == (None, 1)
    assert len(bot.events) == 1


async def test_redelivery_on_request_repeats_an_acked_event(slack: LocalSlack, bot: Bot) -> None:
    slack.subscriptions = frozenset({"app_mention"})
    await slack.people.say("U1", "C1", "@pitcrew fix it")
    await slack.until(lambda: bot.events)
    assert slack.deliveries.redeliver() == 0
    assert slack.deliveries.redeliver(slack.acks()[0].key) == 1
    await slack.until(lambda: len(bot.events) == 2)
    assert bot.events[0]["event_id"] == bot.events[1]["event_id"]


async def test_duplicates_can_be_asked_for(slack: LocalSlack, bot: Bot) -> None:
    slack.subscriptions = frozenset({"app_mention"})
    slack.faults.duplicate_deliveries(copies=3)
    ts = await slack.people.say("U1", "C1", "@pitcrew fix it")
    await slack.until(lambda: len(acked(slack, ts)) == 3)
    assert len({body["event_id"] for body in bot.events}) == 1


async def test_events_wait_for_a_connection(slack: LocalSlack, client) -> None:
    ts = await slack.people.say("U1", "C1", "@pitcrew are you up?")
    bot = Bot(client, slack.app_token)
    await bot.handler.connect_async()
    await slack.until(lambda: len(acked(slack, ts)) == 2)
    await bot.handler.close_async()


@pytest.mark.parametrize("how", ["disconnect", "abort"])
async def test_bolt_comes_back_after_a_disconnect_or_an_abort(slack: LocalSlack, bot: Bot, how: str) -> None:
    opened = len(slack.calls("apps.connections.open"))
    await getattr(slack.socket, how)()
    assert slack.socket.connections == 0
    ts = await slack.people.say("U1", "C1", "@pitcrew fix it")
    await slack.until(lambda: len(acked(slack, ts)) == 2)
    assert len(slack.calls("apps.connections.open")) == opened + 1


async def test_each_payload_goes_to_one_of_the_connections(slack: LocalSlack, client) -> None:
    slack.subscriptions = frozenset({"app_mention"})
    async with aiohttp.ClientSession() as session:
        sockets = [await connect(slack, client, session) for _ in range(3)]
        hellos = [await socket.receive_json() for socket in sockets]
        assert [hello["num_connections"] for hello in hellos] == [1, 2, 3]
        for number in range(3):
            await slack.people.say("U1", "C1", f"@pitcrew {number}")
        envelopes = [await socket.receive_json() for socket in sockets]
        assert len({envelope["payload"]["event_id"] for envelope in envelopes}) == 3
        assert {envelope["type"] for envelope in envelopes} == {"events_api"}


async def test_an_eleventh_connection_is_sent_away(slack: LocalSlack, client) -> None:
    async with aiohttp.ClientSession() as session:
        kept = [await connect(slack, client, session) for _ in range(10)]
        last = await connect(slack, client, session)
        assert (await last.receive_json())["reason"] == "too_many_websockets"
        assert len(kept) == slack.socket.connections == 10


async def test_a_ticket_opens_one_connection(slack: LocalSlack, client) -> None:
    url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(url)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_a_ping_is_answered(slack: LocalSlack, client) -> None:
    async with aiohttp.ClientSession() as session:
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        socket = await session.ws_connect(url, autoping=False)
        await socket.receive()
        await socket.ping(b"are you there")
        assert (await socket.receive()).type is aiohttp.WSMsgType.PONG


async def test_a_thousand_mentions_at_once_are_delivered_before_any_is_acked(slack: LocalSlack, client) -> None:
    slack.subscriptions = frozenset({"app_mention"})
    async with aiohttp.ClientSession() as session:
        socket = await connect(slack, client, session)
        await socket.receive()
        for number in range(1_000):
            await slack.people.say("U1", "C1", f"@pitcrew {number}")
        ids = [json.loads((await socket.receive()).data)["envelope_id"] for _ in range(1_000)]
        assert len(set(ids)) == 1_000 and not any(ack.acked_at for ack in slack.acks())
        for envelope_id in ids:
            await socket.send_json({"envelope_id": envelope_id})
        await slack.until(lambda: all(delivery.acked.is_set() for delivery in slack.deliveries.all))


async def test_waiting_in_vain_shows_the_transcript(slack: LocalSlack) -> None:
    await slack.people.say("U1", "C1", "hello?")
    with pytest.raises(NeverHappened, match=r"#incidents[\s\S]*ada[\s\S]*hello\?"):
        await slack.until(lambda: None, timeout_s=0.01)


async def test_stopping_ends_live_connections_at_once(slack: LocalSlack, client) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await connect(slack, client, session)
        await socket.receive()
        async with asyncio.timeout(1):
            receiving = asyncio.create_task(socket.receive())
            await slack.stop()
            assert (await receiving).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
