"""Who somebody is in Slack, as far as our rules care."""

from slackbot.core.model import Frozen


class Person(Frozen):
    """`full_member`: not a guest, not of another organisation, not a bot, not deactivated."""

    id: str
    name: str
    full_member: bool
    bot: bool = False
    deactivated: bool = False
