"""How far the bot has listened."""

import pytest

from slackbot.core.request import MessageRequest
from slackbot.store import heard, inbox, work
from slackbot.store.database import Database
from tests.store.samples import NOON, a_task, click, feedback, later, message, said

MENTION = message(text="fix this")
EDITED = message(text="fix that", edited_ts="1700000009.000000")
SAME = message(text="fix this", edited_ts="1700000009.000000")


async def test_the_last_thing_heard_is_the_newest_row(database: Database) -> None:
    assert await database.read(heard.last_at) is None
    for request, at in ((click(), later(2)), (MENTION, later(1)), (feedback(), later(3))):
        await database.write(inbox.keep, request, at)
    assert await database.read(heard.last_at) == later(3)


async def test_channels_come_the_most_recent_first(database: Database) -> None:
    for number, (channel, at) in enumerate([("C1", 1), ("D2", 9), ("C3", 5), ("C1", 6)]):
        where = MENTION.thread.model_copy(update={"channel": channel})
        await database.write(inbox.keep, MENTION.model_copy(update={"thread": where, "ts": f"{number}.0"}), later(at))
    await database.write(inbox.keep, feedback(), later(10))
    assert await database.read(heard.channels, later(2), 5) == ["D2", "C1", "C3"]
    assert await database.read(heard.channels, later(2), 1) == ["D2"]


async def test_a_thread_was_heard_up_to_its_last_kept_message(database: Database) -> None:
    task = await a_task(database)
    assert await database.read(heard.last_ts, task) == task.request_ts
    for ts in ("1700000005.000000", "1700000004.000000"):
        await database.write(work.add_message, ts, task.id, said(ts), instruction=False)
    assert await database.read(heard.last_ts, task) == "1700000005.000000"


@pytest.mark.parametrize(
    ("kept", "found", "news"),
    [
        ([], MENTION, MENTION),
        ([MENTION], MENTION, None),
        ([], EDITED, message(text="fix that")),  # one message, as if its first version had been this
        ([MENTION], EDITED, EDITED),
        ([MENTION], SAME, None),
        ([EDITED], EDITED, None),
        ([MENTION, EDITED], EDITED, None),
    ],
)
async def test_what_is_news_of_a_message_in_the_history(
    database: Database, kept: list[MessageRequest], found: MessageRequest, news: MessageRequest | None
) -> None:
    for request in kept:
        await database.write(inbox.keep, request, NOON)
    assert await database.read(heard.unheard, found) == news
