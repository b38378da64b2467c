"""What the checks look at, gathered once. Decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

import aiohttp

from slackbot.core.config import Config
from slackbot.doctor.line import Line
from slackbot.settings import Survey


@dataclass(frozen=True)
class Case:
    """`config` is what of the file can be used; `slack` None: no usable token or address, a fault by itself."""

    survey: Survey
    config: Config
    session: aiohttp.ClientSession
    slack: Line | None
    clock: Callable[[], datetime]

    @property
    def socket_mode(self) -> bool:
        return self.survey.slack_app_token is not None

    def secrets(self) -> tuple[str, ...]:
        """Every value that no report may show, the database's password among them."""
        values = [secret.get_secret_value() for secret in self.survey.secrets]
        passwords = [password for value in values if (password := _password(value))]
        return (*values, *passwords, *map(unquote, passwords))


def _password(value: str) -> str | None:
    try:
        return urlsplit(value).password
    except ValueError:  # a secret that is no address
        return None
