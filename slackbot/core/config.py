"""The shape of slackbot.toml. Models only: `slackbot.settings` reads the file and reports faults."""

import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from slackbot.core.model import Frozen

REPO_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _repo_name(name: str) -> str:
    if not REPO_NAME.fullmatch(name) or ".." in name or name.endswith((".lock", ".")):
        raise ValueError(f"{name!r} is not a repository name: use letters, digits, '.', '_', '-' as in shop/checkout")
    return name


def _clock_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is not a time of day: write it as 09:00")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone: write it as Europe/Berlin") from error
    return name


def _days(text: str) -> str:
    weekdays(text)
    return text


def weekdays(text: str) -> frozenset[int]:
    """Weekday numbers (Monday 0) of `mon-fri`, `mon,wed`, `sat-mon`. Raises ValueError with the fault."""
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f"{text!r} names no weekdays: write them as mon-fri or mon,wed,fri")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return frozenset(found)


RepoName = Annotated[str, AfterValidator(_repo_name)]


class BotConfig(Frozen):
    max_attempts_running: int = Field(default=4, ge=1, le=1000)
    admins: tuple[str, ...] = ()  # user groups, users: who may say pause and resume; empty: nobody
    edits_per_minute: int = Field(default=50, ge=1)  # Slack's tier 3 for chat.update, all cards together


class AgentConfig(Frozen):
    """How to run one coding agent. `command`: argv of an ACP program, for kind acp."""

    kind: Literal["codex", "claude", "acp", "demo"]
    command: tuple[str, ...] = ()
    sandbox: Literal["bwrap", "none"] | None = None  # None: bwrap, but none for the built-in demo agent
    env: tuple[str, ...] = ()  # names of the bot's variables that are passed on, an allow list
    silence_timeout_s: float = Field(default=300, gt=0)
    turn_timeout_s: float = Field(default=3600, gt=0)
    max_output_bytes: int = Field(default=50_000_000, gt=0)

    @model_validator(mode="after")
    def _acp_needs_a_command(self) -> "AgentConfig":
        if self.kind == "acp" and not self.command:
            raise ValueError('an agent of kind "acp" needs a command, such as command = ["my-agent", "--acp"]')
        return self

    @property
    def box(self) -> Literal["bwrap", "none"]:
        return self.sandbox or ("none" if self.kind == "demo" else "bwrap")


class RepoConfig(Frozen):
    name: RepoName
    url: str = Field(min_length=1)
    forge: Literal["github", "local"]
    agent: str
    setup: str | None = None
    check: str | None = None
    check_budget_s: float = Field(default=60, gt=0)
    check_timeout_s: float = Field(default=900, gt=0)
    max_attempts_running: int | None = Field(default=None, ge=1)
    approvers: tuple[str, ...] = ()
    self_approve: bool = False
    review: Literal["person", "agents", "sample"] = "person"
    reviewers: tuple[str, ...] = ()


class ChannelConfig(Frozen):
    id: str = Field(pattern=r"^[CGD][A-Z0-9]+$")
    repos: tuple[RepoName, ...] = ()


class SummaryConfig(Frozen):
    name: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    channel: str = Field(pattern=r"^[CGD][A-Z0-9]+$")
    at: Annotated[str, AfterValidator(_clock_time)] = "09:00"
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    days: Annotated[str, AfterValidator(_days)] = "mon-fri"
    grace_s: int = Field(default=3 * 3600, ge=0)  # this late it is still posted; after it, recorded as skipped
    retry_s: float = Field(default=60, gt=0)  # Slack away: the first pause before the next try, then ever longer


class WebConfig(Frozen):
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)
    public_url: str = ""


class RetentionConfig(Frozen):
    """For how many days things are kept; what belongs to an open task is kept anyway."""

    inbox_days: int = Field(default=30, ge=2)  # requests, since they came; Slack's history is read a day back
    prompts_days: int = Field(default=90, ge=1)  # prompts, answers, outputs of checks, messages; since the task's end
    diffs_days: int = Field(default=180, ge=1)  # since the task's end
    flows_days: int = Field(default=14, ge=2)  # the engine's steps, since the flow's end
    workspaces_days: int = Field(default=2, ge=1)  # what a crash or a failure left, since the attempt's end
    objects_days: int = Field(default=14, ge=1)  # what nothing reaches in a mirror, since it was made


class Config(Frozen):
    bot: BotConfig = BotConfig()
    agents: dict[str, AgentConfig] = {}
    repos: tuple[RepoConfig, ...] = ()
    channels: tuple[ChannelConfig, ...] = ()
    summaries: tuple[SummaryConfig, ...] = ()
    web: WebConfig = WebConfig()
    retention: RetentionConfig = RetentionConfig()
    base_dir: Path = Path()  # where relative paths of the file start; set by settings

    def repo(self, name: str) -> RepoConfig | None:
        return next((repo for repo in self.repos if repo.name == name), None)

    def channel_repos(self, channel: str) -> tuple[str, ...]:
        return next((entry.repos for entry in self.channels if entry.id == channel), ())
