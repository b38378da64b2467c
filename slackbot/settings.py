"""The environment: the only module that reads it. Refuses to know what any of the values is used for."""

import os
import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from slackbot.config_file import load_config
from slackbot.core.config import Config
from slackbot.core.errors import ConfigurationError
from slackbot.core.model import Frozen

DEFAULT_CONFIG = Path("slackbot.toml")
SLACK_API_URL = "https://slack.com/api/"
GITHUB_API_URL = "https://api.github.com"

# Without git, GitPython refuses to be imported, and `slackbot doctor` could not say that git is missing.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")


class Settings(Frozen):
    """What the environment says, checked, with every default filled in. Paths are absolute."""

    config_path: Path
    env_file: Path  # beside the configuration; it may not be there
    data_dir: Path  # it may not be there
    database_url: str = Field(repr=False)  # for SQLAlchemy; may hold a password
    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None  # set: Socket Mode
    slack_signing_secret: SecretStr | None = None  # alone: HTTP mode
    slack_api_url: str = SLACK_API_URL  # ends with a slash
    github_token: SecretStr | None = None
    github_app_id: str | None = None
    github_app_private_key: SecretStr | None = None
    github_api_url: str = GITHUB_API_URL

    @property
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None


class Survey(Frozen):
    """What of the variables can be used, for looking around without running. None: not set, or faulty.

    `faults` says which and why; `secrets` are the values that nobody may see, the faulty ones too.
    """

    config_path: Path
    env_file: Path
    data_dir: Path
    database_url: str | None = Field(default=None, repr=False)
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str | None = None
    secrets: tuple[SecretStr, ...] = ()
    faults: tuple[str, ...] = ()


class _Variables(BaseSettings):
    """The variables as they are written; the field names are theirs in small letters."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", env_file_encoding="utf-8")

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = SLACK_API_URL
    slackbot_database_url: SecretStr | None = None
    slackbot_data_dir: str | None = None
    github_token: SecretStr | None = None
    github_app_id: str | None = None
    github_app_private_key: SecretStr | None = None
    github_api_url: str = GITHUB_API_URL


def load_settings(config: Path | None = None) -> tuple[Settings, Config]:
    """The environment and the configuration file (None: SLACKBOT_CONFIG, else slackbot.toml here).

    Variables win over the `.env` beside the file. Raises ConfigurationError with every fault of both.
    """
    path = _config_path(config)
    faults: list[str] = []
    loaded = Config()
    try:
        loaded = load_config(path)
    except ConfigurationError as error:
        faults += error.faults
    variables = _read(path.parent / ".env", faults)
    faults += _slack_faults(variables) + _other_faults(variables)
    if faults:
        raise ConfigurationError(faults)
    return _settings(variables, path.absolute()), loaded


def database_settings(config: Path | None = None) -> tuple[str, Path]:
    """The database's URL and the data directory alone, for commands that need no Slack and no repositories."""
    path = _config_path(config).absolute()
    faults: list[str] = []
    variables = _read(path.parent / ".env", faults)
    faults += _other_faults(variables)
    if faults:
        raise ConfigurationError(faults)
    data_dir = _data_dir(variables, path)
    return database_url(variables.slackbot_database_url, data_dir), data_dir


def survey(config: Path | None = None) -> Survey:
    """The variables with every fault that they have. Raises nothing."""
    path = _config_path(config).absolute()
    faults: list[str] = []
    variables = _read(path.parent / ".env", faults)
    faults += _slack_faults(variables) + _other_faults(variables)
    data_dir = _data_dir(variables, path)
    url = database_url(variables.slackbot_database_url, data_dir)
    bot, app = variables.slack_bot_token, variables.slack_app_token
    return Survey(
        config_path=path,
        env_file=path.parent / ".env",
        data_dir=data_dir,
        database_url=None if _has_fault("SLACKBOT_DATABASE_URL", faults) else url,
        slack_bot_token=None if _has_fault("SLACK_BOT_TOKEN", faults) else bot,
        slack_app_token=None if _has_fault("SLACK_APP_TOKEN", faults) else app,
        slack_signing_secret=variables.slack_signing_secret,
        slack_api_url=None if _has_fault("SLACK_API_URL", faults) else variables.slack_api_url.rstrip("/") + "/",
        secrets=tuple(value for _, value in variables if isinstance(value, SecretStr)),
        faults=tuple(faults),
    )


def _has_fault(name: str, faults: list[str]) -> bool:
    return any(fault.startswith(f"{name} ") for fault in faults)


def inherited(names: Iterable[str], env_file: Path | None = None) -> dict[str, str]:
    """Those of the named variables that are set, here or in the `.env`: what an allow list passes on."""
    filed = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    known = {**filed, **os.environ}
    return {name: value for name in names if (value := known.get(name)) is not None}


def database_url(given: SecretStr | str | None, data_dir: Path) -> str:
    """The URL as SQLAlchemy wants it: Postgres by psycopg; None is a SQLite file in the data directory."""
    url = given.get_secret_value() if isinstance(given, SecretStr) else given
    if not url:
        return f"sqlite:///{data_dir / 'slackbot.db'}"
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def _config_path(given: Path | None) -> Path:
    return (given or Path(os.environ.get("SLACKBOT_CONFIG") or DEFAULT_CONFIG)).expanduser()


def _read(env_file: Path, faults: list[str]) -> _Variables:
    try:
        return _Variables(_env_file=env_file)
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{env_file}: cannot be read: {error}")
        return _Variables(_env_file=None)


def _settings(variables: _Variables, config_path: Path) -> Settings:
    assert variables.slack_bot_token is not None, "its absence is a fault that was reported before"
    data_dir = _data_dir(variables, config_path)
    return Settings(
        config_path=config_path,
        env_file=config_path.parent / ".env",
        data_dir=data_dir,
        database_url=database_url(variables.slackbot_database_url, data_dir),
        slack_bot_token=variables.slack_bot_token,
        slack_app_token=variables.slack_app_token,
        slack_signing_secret=variables.slack_signing_secret,
        slack_api_url=variables.slack_api_url.rstrip("/") + "/",
        github_token=variables.github_token,
        github_app_id=variables.github_app_id,
        github_app_private_key=variables.github_app_private_key,
        github_api_url=variables.github_api_url.rstrip("/"),
    )


def _data_dir(variables: _Variables, config_path: Path) -> Path:
    if variables.slackbot_data_dir:
        return Path(variables.slackbot_data_dir).expanduser().absolute()
    return config_path.parent / "data"


def _slack_faults(variables: _Variables) -> list[str]:
    faults = []
    bot, app = variables.slack_bot_token, variables.slack_app_token
    if bot is None:
        faults.append("SLACK_BOT_TOKEN is not set: copy it (xoxb-…) from your app's page, OAuth & Permissions")
    elif bot.get_secret_value().startswith("xapp-"):
        faults.append("SLACK_BOT_TOKEN holds an app token (xapp-…): the bot token begins with xoxb-")
    if app is not None and app.get_secret_value().startswith("xoxb-"):
        faults.append("SLACK_APP_TOKEN holds a bot token (xoxb-…): the app token begins with xapp-")
    if app is None and variables.slack_signing_secret is None:
        faults.append(
            "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: set the app token (xapp-…, Basic Information) "
            "for Socket Mode, or the signing secret for HTTP"
        )
    return faults


def _other_faults(variables: _Variables) -> list[str]:
    faults = [
        f"{name} is no address: write it as {example}"
        for name, url, example in (
            ("SLACK_API_URL", variables.slack_api_url, SLACK_API_URL),
            ("GITHUB_API_URL", variables.github_api_url, GITHUB_API_URL),
        )
        if not re.match(r"https?://[^/\s]+", url)
    ]
    url = database_url(variables.slackbot_database_url, Path())
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append(
            "SLACKBOT_DATABASE_URL is neither sqlite:///PATH nor postgresql://USER@HOST/NAME: write one of them"
        )
    elif url.startswith("postgresql") and find_spec("psycopg") is None:
        faults.append("SLACKBOT_DATABASE_URL wants Postgres, psycopg is missing: pip install 'pitcrew-bot[postgres]'")
    if bool(variables.github_app_id) != bool(variables.github_app_private_key):
        faults.append("GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY belong together: set both or neither")
    return faults
