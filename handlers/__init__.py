"""Floor 3: Slack in. Each listener's file reads one kind of payload into a request of ours; the middleware keeps it.

Find your listener: `events/` what is said, `actions/` what can be clicked, `views/` what is submitted.
"""

from slack_bolt.async_app import AsyncApp

from handlers.middleware.inbox import Inbox, Receive


def register(app: AsyncApp, receive: Receive, bot_user: str, bot_id: str) -> None:
    """Hang the one global middleware into Bolt: everything that concerns us is committed before it is acked."""
    app.middleware(Inbox(receive, bot_user, bot_id))
