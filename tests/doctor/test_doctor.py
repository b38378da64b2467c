"""`slackbot doctor` as people run it: a process, local Slack, real repositories."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slackbot.doctor.slack import wanted_scopes
from slackbot.playground.workspace import Workspace
from tests.fakes.origin import OriginRepo, git
from tests.stage import ALICE, BOB, CHECKOUT, GENERAL, GUEST, INCIDENTS, Stage, staged

pytestmark = pytest.mark.journey  # real processes: seconds, not milliseconds

READS = {
    *("auth.test", "apps.connections.open", "conversations.info", "conversations.history"),
    *("users.info", "usergroups.users.list"),
}
FAULTY = """
[[repos]]
name = "acme/checkout-of-it"
url = "{checkout}"
forge = "local"
agent = "absent"
check = "true"
approvers = ["{guest}", "U0GONE", "U0NOBODY", "S0EMPTY", "S0NONE"]
[[repos]]
name = "acme/inside"
url = "{checkout}/.git"
forge = "local"
agent = "demo"
check = "true"
[[repos]]
name = "acme/nowhere"
url = "/nowhere/at-all.git"
forge = "local"
agent = "demo"
check = "true"
chek = "a misspelt key"
[agents.absent]
kind = "acp"
command = ["/nowhere/agent"]
sandbox = "none"
[[channels]]
id = "C0OLD"
[[channels]]
id = "C0AWAY"
[[channels]]
id = "C0NOT"
[[summaries]]
name = "team"
channel = "C0TEAM"
[[summaries]]
name = "early"
channel = "C0TEAM"
timezone = "Mars/Olympus"
"""
PEOPLE = """
[[summaries]]
name = "team"
channel = "C0GENERAL"
timezone = "Europe/Berlin"
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        stage.slack.workspace.add_group("S0ONCALL", "oncall", (BOB,))
        yield stage


async def doctor(stage: Stage, *options: str, **variables: str) -> tuple[int, str]:
    """The exit code and everything that was printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "slackbot", "doctor", "--config", stage.folder / "slackbot.toml", *options,
        cwd=CHECKOUT, env={**stage.environment, **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode is not None
    return process.returncode, out.decode()


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


async def test_all_is_well_and_stays_as_it_was(stage: Stage) -> None:
    stage.add_repo(more=f'approvers = ["S0ONCALL", "{ALICE}"]')
    stage.configure(PEOPLE)
    before = files(stage.folder)
    code, printed = await doctor(stage, "--json")
    report = json.loads(printed)
    assert code == 0 and report["ok"] is True, printed
    assert {check["status"] for check in report["checks"]} == {"ok"}, printed
    assert {check["name"] for check in report["checks"]} == {
        *("configuration", "slack.bot_token", "slack.scopes", "slack.app_token", "slack.clock"),
        *("database", "database.sqlite", "data_dir", "data_dir.disk", "web.port", "git"),
        *("agent:demo", "agent:scripted", "repo:acme/shop", f"channel:{INCIDENTS}", f"channel:{GENERAL}"),
        *("approver:S0ONCALL", f"approver:{ALICE}", "summary:team"),
    }
    assert all(set(check) == {"name", "status", "said", "next_step"} for check in report["checks"])
    assert files(stage.folder) == before
    assert {call.method for call in stage.slack.calls()} <= READS and stage.slack.socket.connections == 0


async def test_with_the_manifests_scopes_and_no_git_on_the_path_it_is_still_well(stage: Stage) -> None:
    stage.add_repo()
    stage.configure()
    stage.slack.web_api.scopes = wanted_scopes()
    code, printed = await doctor(stage, PATH=str(stage.folder))
    lines = printed.splitlines()
    assert code == 0, printed
    channel = next(line for line in lines if f"channel:{INCIDENTS}" in line)
    assert channel.startswith("! ") and "archived could not be checked" in channel
    assert sum(line.startswith("✓ ") for line in lines) == 14 and lines[-1] == "All well, 1 warning."
    assert any(line.startswith("  → To have that checked too") for line in lines)


async def test_many_faults_are_all_named(stage: Stage) -> None:
    checkout, busy = troubled(stage)
    variables = {"SLACKBOT_DATABASE_URL": f"sqlite:///{stage.folder}/diary.db"}
    with busy:
        code, printed = await doctor(
            stage,
            "--json",
            **variables,
            SLACK_APP_TOKEN="xapp-wrong-token",
            SLACKBOT_DATA_DIR=f"{checkout}/a-file/data",
        )
    found: dict[str, list[tuple[str, str]]] = {}
    for check in json.loads(printed)["checks"]:
        assert check["status"] == "ok" or check["next_step"], check
        found.setdefault(check["name"], []).append((check["status"], check["said"]))
    assert code == 1 and "xapp-wrong-token" not in printed and stage.slack.bot_token not in printed
    for name, status, word in NAMED:
        assert any(has == status and word in said for has, said in found[name]), (name, found[name])
    assert found["approver:U0NOBODY"] and found["slack.bot_token"][0][0] == "ok"


NAMED = [
    ("configuration", "fault", "chek"),
    ("configuration", "fault", "Mars/Olympus"),
    ("slack.scopes", "fault", "lacks app_mentions:read"),
    ("slack.app_token", "fault", "invalid_auth"),
    ("slack.clock", "warning", "s behind Slack"),
    ("database", "fault", "no SQLite database"),
    ("data_dir", "fault", "cannot be written to"),
    ("web.port", "fault", "is taken"),
    ("agent:absent", "fault", "/nowhere/agent"),
    ("agent:demo", "ok", ""),
    ("repo:acme/empty", "fault", "it is empty"),
    ("repo:acme/checkout-of-it", "fault", "it is a checkout"),
    ("repo:acme/inside", "fault", "not bare"),
    ("repo:acme/nowhere", "fault", "nothing at its path"),
    ("channel:C0OLD", "fault", "archived"),
    ("channel:C0AWAY", "fault", "not a member"),
    ("channel:C0NOT", "fault", "no such channel"),
    (f"channel:{INCIDENTS}", "ok", "#incidents"),
    (f"approver:{GUEST}", "fault", "guest"),
    ("approver:U0GONE", "fault", "deactivated"),
    ("approver:U0NOBODY", "fault", "no such user"),
    ("approver:S0EMPTY", "fault", "no members"),
    ("approver:S0NONE", "fault", "no such user group"),
    ("summary:team", "ok", "next on"),
]


def troubled(stage: Stage) -> tuple[Path, socket.socket]:
    """A configuration, a Slack and a machine with one of every fault; the socket keeps the web port taken."""
    slack: Workspace = stage.slack.workspace
    slack.clock = lambda: datetime.now(UTC) + timedelta(hours=1)
    slack.add_person("U0GONE", "gone", deleted=True)
    slack.add_group("S0EMPTY", "empty", ())
    slack.add_channel("C0OLD", "old", (slack.bot_user_id,), archived=True)
    slack.add_channel("C0AWAY", "away", (ALICE,))
    slack.add_channel("C0TEAM", "team", (slack.bot_user_id,))
    stage.slack.web_api.scopes -= {"app_mentions:read"}
    stage.add_repo("acme/empty", {})
    checkout = stage.folder / "checkout"
    git("clone", "--quiet", str(OriginRepo(stage.folder / "origin.git").path), str(checkout), cwd=stage.folder)
    (checkout / "a-file").write_text("")
    (stage.folder / "diary.db").write_text("dear diary, today")
    stage.configure(FAULTY.format(checkout=checkout, guest=GUEST))
    busy = socket.create_server(("127.0.0.1", 0))
    toml = stage.folder / "slackbot.toml"
    toml.write_text(toml.read_text().replace("port = 0", f"port = {busy.getsockname()[1]}"))
    return checkout, busy


async def test_without_a_file_and_with_a_refused_token_the_rest_is_still_looked_at(stage: Stage) -> None:
    code, printed = await doctor(stage, "--json", SLACK_BOT_TOKEN="xoxb-refused-token")
    found = {check["name"]: (check["status"], check["said"]) for check in json.loads(printed)["checks"]}
    assert code == 1 and "xoxb-refused-token" not in printed
    assert found["configuration"][0] == "fault" and "no such file" in found["configuration"][1]
    assert found["slack.bot_token"] == ("fault", "SLACK_BOT_TOKEN is refused by Slack (invalid_auth)")
    assert found["slack.scopes"][0] == "warning" and found["slack.app_token"][0] == "ok" == found["git"][0]
