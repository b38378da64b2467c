"""The durable inbox: one row for each thing that Slack told us and that concerns us."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import exists, or_, select, update

from slackbot.core.request import FeedbackRequest, MessageRequest, Request
from slackbot.core.task import Thread
from slackbot.store.database import Transaction
from slackbot.store.rows import insert_or_keep
from slackbot.store.tables import inbox, tasks

_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)


def keep(tx: Transaction, request: Request, at: datetime) -> bool:
    """Remember a request; False when the same key is there already. Safe to repeat."""
    channel, thread_ts = ("", "") if isinstance(request, FeedbackRequest) else (
        request.thread.channel,
        request.thread.ts,
    )  # fmt: skip
    return insert_or_keep(
        tx,
        inbox,
        {
            "key": request.key,
            "kind": request.kind,
            "channel": channel,
            "thread_ts": thread_ts,
            "request": request.model_dump(mode="json"),
            "received_at": at,
        },
    )


def concerns_us(tx: Transaction, message: MessageRequest) -> bool:
    """Whether a message is kept: it names us, is a direct message, or replies in a thread that we know."""
    if message.names_bot or message.direct:
        return True
    return message.in_thread and knows_thread(tx, message.thread)


def knows_thread(tx: Transaction, thread: Thread) -> bool:
    """Whether a task or an earlier row of the inbox belongs to the thread."""
    in_tasks = exists().where(tasks.c.channel == thread.channel, tasks.c.thread_ts == thread.ts)
    in_inbox = exists().where(inbox.c.channel == thread.channel, inbox.c.thread_ts == thread.ts)
    return bool(tx.connection.execute(select(or_(in_tasks, in_inbox))).scalar())


def get(tx: Transaction, key: str) -> Request | None:
    row = tx.connection.execute(select(inbox.c.request).where(inbox.c.key == key)).first()
    return _REQUEST.validate_python(row.request) if row else None


def unhandled(tx: Transaction) -> list[str]:
    """Keys whose flow has not finished, in the order they came in."""
    query = select(inbox.c.key).where(inbox.c.handled_at.is_(None)).order_by(inbox.c.received_at, inbox.c.key)
    return list(tx.connection.execute(query).scalars())


def mark_handled(tx: Transaction, key: str, at: datetime) -> None:
    tx.connection.execute(update(inbox).where(inbox.c.key == key).values(handled_at=at))
