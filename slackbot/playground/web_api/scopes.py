"""Owns which scopes a method needs; a token with one of them may call it. Knows no channel's kind, so any will do."""

from slackbot.playground.wire import Json

HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
CONVERSATIONS = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
SCOPES: dict[str, frozenset[str]] = {
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "chat.delete": frozenset({"chat:write"}),
    "conversations.replies": HISTORY,
    "conversations.history": HISTORY,
    "conversations.info": CONVERSATIONS,
    "conversations.members": CONVERSATIONS,
    "conversations.open": frozenset({"im:write", "mpim:write"}),
    "users.info": frozenset({"users:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "usergroups.list": frozenset({"usergroups:read"}),
    "reactions.add": frozenset({"reactions:write"}),
}
ALL_SCOPES = frozenset({"app_mentions:read"}).union(*SCOPES.values())


def missing_scope(method: str, granted: frozenset[str]) -> Json | None:
    """What Slack answers to a token without a scope for the method; None when it may call."""
    needed = SCOPES.get(method, frozenset())
    if not needed or needed & granted:
        return None
    facts = {"needed": ",".join(sorted(needed)), "provided": ",".join(sorted(granted))}
    return {"ok": False, "error": "missing_scope", **facts}
