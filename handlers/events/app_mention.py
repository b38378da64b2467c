"""`app_mention`: the same message as its `message` event, with another event id; one key makes the two one.

Needed all the same: in channels whose messages the app may not read, it is the only one that comes.
"""

EVENTS = frozenset({"app_mention"})
