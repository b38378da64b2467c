"""Telling people. Owns how a sentence reaches whoever asked; a failure to tell is logged, never raised."""

import structlog

from slackbot.core.errors import ChatError, PitcrewError
from slackbot.core.request import FeedbackRequest, MessageRequest, Request
from slackbot.core.say import Said, say
from slackbot.core.task import Thread
from slackbot.flows.engine import step
from slackbot.flows.house import house

log = structlog.get_logger()
WENT_WRONG = "That did not work: {why} Please try again, and if it stays so, show this to whoever runs me: `{key}`."


async def tell(user: str, thread: Thread, said: Said) -> None:
    """Tell one person in the thread."""
    try:
        await house().chat.tell(user, thread, said)
    except ChatError as error:
        log.warning("person_not_told", user=user, reason=str(error))


@step
async def reply(message: MessageRequest, said: Said) -> None:
    """Answer a message in its thread, once: one from before this process began may have been answered already."""
    key = f"reply:{message.key}"
    look_first = float(message.ts) < house().started_at.timestamp()
    try:
        await house().chat.post(message.thread, said, key, look_first=look_first)
    except ChatError as error:
        log.error("reply_not_posted", key=key, reason=str(error))


async def tell_directly(user: str, said: Said, key: str) -> None:
    """Tell one person in a direct message, where there is no thread to do it in."""
    try:
        await house().chat.post_in_channel(user, [said], key)
    except ChatError as error:
        log.warning("person_not_told", user=user, reason=str(error))


async def apologise(request: Request, error: Exception) -> None:
    """Say that something of ours failed."""
    why = error.sentence if isinstance(error, PitcrewError) else "something failed on my side."
    said = say(WENT_WRONG, why=why, key=request.key)
    if isinstance(request, FeedbackRequest):
        await tell_directly(request.by, said, request.key)
        return
    author = request.author if isinstance(request, MessageRequest) else request.by
    await tell(author, request.thread, said)
