"""What the doctor makes of what it saw: pure questions, as tables."""

import fcntl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slackbot.core.config import AgentConfig, Config, SummaryConfig
from slackbot.core.errors import RepoError
from slackbot.core.person import Person
from slackbot.doctor import approvers, channels
from slackbot.doctor.agents import judged
from slackbot.doctor.database import fitting, migrated, sqlite_path
from slackbot.doctor.findings import Report, Verdict, named, ok, warning
from slackbot.doctor.line import Answer
from slackbot.doctor.machine import bot_runs, nearest, room, writable
from slackbot.doctor.repos import new_enough, refused
from slackbot.doctor.salvage import salvage
from slackbot.doctor.slack import compared, drift, refusal, wanted_scopes
from slackbot.doctor.summaries import summary

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GIB = 1024**3


def answer(error: str = "", **data: object) -> Answer:
    return Answer(error=error, data=data, received_at=NOW)


@pytest.mark.parametrize(
    ("granted", "status", "word"),
    [
        (wanted_scopes(), "ok", "all 8"),
        (wanted_scopes() | {"channels:read"}, "ok", "also granted: channels:read"),
        (wanted_scopes() - {"users:read", "chat:write"}, "fault", "lacks chat:write, users:read"),
        (frozenset(), "fault", "usergroups:read"),
        (None, "warning", "did not say"),
    ],
)
def test_the_scopes_are_compared_with_the_manifest(granted, status, word) -> None:
    verdict = compared(granted, wanted_scopes())
    assert verdict.status == status and word in verdict.said


@pytest.mark.parametrize(
    ("seconds", "signed", "status"),
    [
        (0, True, "ok"),
        (60, True, "ok"),
        (-61, True, "warning"),
        (300, True, "warning"),
        (301, True, "fault"),
        (-301, True, "fault"),
        (301, False, "warning"),
    ],
)
def test_a_clock_that_is_off_is_a_fault_where_requests_are_signed(seconds, signed, status) -> None:
    verdict = drift(NOW + timedelta(seconds=seconds), NOW, signed=signed)
    assert verdict.status == status
    assert seconds == 0 or status == "ok" or ("ahead of" if seconds > 0 else "behind") in verdict.said


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [("invalid_auth", "fault", "invalid_auth"), ("no_answer", "fault", "no answer"), ("ratelimited", "warning", "not")],
)
def test_a_refusal_says_whose_it_is(error, status, word) -> None:
    verdict = refusal("SLACK_BOT_TOKEN", answer(error), "Copy it again.")
    assert verdict.status == status and word in verdict.said and verdict.next_step


@pytest.mark.parametrize(
    ("python", "library", "status"),
    [
        ((3, 11), (3, 40), "ok"),
        ((3, 12), (3, 41), "fault"),
        ((3, 12), (3, 42), "ok"),
        ((3, 14), (3, 40), "fault"),
        ((3, 13), (3, 50), "ok"),
    ],
)
def test_a_new_python_needs_a_new_sqlite(python, library, status) -> None:
    assert fitting(python, library).status == status


@pytest.mark.parametrize(
    ("behind", "in_file", "status"), [(False, False, "ok"), (True, True, "ok"), (True, False, "fault")]
)
def test_only_a_servers_tables_are_upgraded_by_hand(behind, in_file, status) -> None:
    assert migrated(behind, in_file=in_file).status == status


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/bot/slackbot.db", Path("/srv/bot/slackbot.db")),
        ("sqlite:///here.db?timeout=3", Path("here.db")),
        ("postgresql+psycopg://u:p@h/n", None),
    ],
)
def test_the_file_of_a_url_is_found(url, path) -> None:
    assert sqlite_path(url) == path


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("git version 2.39.5", "ok"),
        ("git version 2.38.0", "ok"),
        ("git version 2.37.9", "fault"),
        ("git version 3.0.0-rc1", "ok"),
        ("git version 1.99", "fault"),
        ("git version 2.50.1 (Apple Git-155)", "ok"),
        ("jj", "fault"),
    ],
)
def test_git_must_merge_without_a_checkout(said, status) -> None:
    assert new_enough(said).status == status


@pytest.mark.parametrize(
    ("reason", "retryable", "said", "step"),
    [
        ("it is empty; push a first commit", False, "it is empty", "Push a first commit"),
        ("it cannot be reached now; try again later", True, "it cannot be reached now", "git ls-remote"),
        ("odd", False, "odd", "git ls-remote"),
    ],
)
def test_a_repositorys_refusal_is_told_with_its_next_step(reason, retryable, said, step) -> None:
    verdict = refused(RepoError("shop", "refresh", reason, retryable=retryable))
    assert verdict.status == "fault" and verdict.said == said and step in verdict.next_step


@pytest.mark.parametrize(("free", "status"), [(50 * GIB, "ok"), (GIB, "warning"), (1000, "fault")])
def test_a_disk_that_is_nearly_full_is_told(free, status) -> None:
    assert room(free).status == status


def test_a_data_directory_is_tried_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert writable(tmp_path).status == "ok"
    assert "can be made" in writable(tmp_path / "a" / "b").said
    assert writable(tmp_path / "file" / "data").status == "fault"
    assert nearest(tmp_path / "a" / "b") == tmp_path
    assert not bot_runs(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_bot_that_runs_is_known_by_its_lock(tmp_path: Path) -> None:
    with (tmp_path / "bot.lock").open("w") as file:
        assert not bot_runs(tmp_path)
        fcntl.flock(file, fcntl.LOCK_EX)
        assert bot_runs(tmp_path)


@pytest.mark.parametrize(
    ("found", "status", "word"),
    [
        ({"name": "team", "is_member": True, "is_archived": False}, "ok", "#team"),
        ({"name": "team", "is_member": True, "is_archived": True}, "fault", "archived"),
        ({"name": "team", "is_member": False}, "fault", "not a member"),
        ({"name": "team"}, "fault", "not a member"),
        ({"is_im": True, "is_archived": False}, "ok", "member"),
        ({}, "fault", "not a member"),
    ],
)
def test_the_bot_must_be_in_a_channel_that_is_open(found, status, word) -> None:
    verdict = channels.by_details(found, "mentions")
    assert verdict.status == status and word in verdict.said


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        ("", "warning", "archived could not be checked"),
        ("not_in_channel", "fault", "not a member"),
        ("channel_not_found", "fault", "no such channel"),
        ("missing_scope", "warning", "not checked"),
        ("ratelimited", "warning", "not checked"),
        ("no_answer", "fault", "no answer"),
    ],
)
def test_without_the_scope_membership_is_seen_from_the_history(error, status, word) -> None:
    verdict = channels.by_history(answer(error), "mentions")
    assert verdict.status == status and word in verdict.said and verdict.next_step


def test_a_channel_is_looked_at_once_for_all_its_purposes() -> None:
    config = Config.model_validate(
        {"channels": [{"id": "C1"}, {"id": "C2"}], "summaries": [{"name": "team", "channel": "C2"}]}
    )
    assert channels.uses(config) == {"C1": "mentions", "C2": "mentions and the summary team"}


@pytest.mark.parametrize(
    ("flags", "status", "word"),
    [
        ({"full_member": True}, "ok", "ada"),
        ({"full_member": False, "deactivated": True}, "fault", "deactivated"),
        ({"full_member": False, "bot": True}, "fault", "bot"),
        ({"full_member": False}, "fault", "guest"),
    ],
)
def test_an_approver_must_be_one_who_may(flags, status, word) -> None:
    verdict = approvers.person(Person(id="U1", name="ada", **flags), "shop")
    assert verdict.status == status and word in verdict.said


@pytest.mark.parametrize(
    ("error", "users", "status", "word"),
    [
        ("", ["U1", "U2"], "ok", "group of 2"),
        ("", [], "fault", "no members"),
        ("no_such_subteam", [], "fault", "no such user group"),
        ("missing_scope", [], "fault", "missing_scope"),
        ("ratelimited", [], "warning", "not checked"),
    ],
)
def test_a_group_of_approvers_must_have_members(error, users, status, word) -> None:
    verdict = approvers.group(answer(error, users=users), "shop")
    assert verdict.status == status and word in verdict.said


@pytest.mark.parametrize(
    ("reasons", "unset", "used", "status"),
    [
        ([], [], True, "ok"),
        (["not found"], [], True, "fault"),
        (["not found"], [], False, "warning"),
        ([], ["OPENAI_API_KEY"], True, "warning"),
    ],
)
def test_an_agent_that_nobody_uses_may_be_missing(reasons, unset, used, status) -> None:
    config = AgentConfig(kind="acp", command=("agent",), sandbox="none")
    verdict = judged(config, reasons, unset, used=used)
    assert verdict.status == status and all(word in verdict.said for word in (*reasons, *unset))


@pytest.mark.parametrize(
    ("at", "zone", "now", "said"),
    [
        ("09:00", "UTC", NOW, "Mon 2026-11-23 at 09:00 UTC (+0000)"),  # at 09:00 sharp the next one is meant
        ("11:00", "Europe/Berlin", NOW, "Fri 2026-11-20 at 11:00 Europe/Berlin (+0100)"),
        (
            "11:00",
            "Europe/Berlin",
            datetime(2026, 7, 3, 7, tzinfo=UTC),
            "Fri 2026-07-03 at 11:00 Europe/Berlin (+0200)",
        ),
    ],
)
def test_a_summary_is_told_with_its_next_date(at, zone, now, said) -> None:
    entry = SummaryConfig(name="team", channel="C1", at=at, timezone=zone)
    assert said in summary(entry, now).said


def test_no_secret_is_in_a_finding() -> None:
    verdict = warning("xoxb-secret-1 of xoxb-secret", "forget xoxb-secret-1; a b")
    finding = named("x", verdict, ["xoxb-secret", "xoxb-secret-1", "a", ""])
    assert (finding.said, finding.next_step) == ("(hidden) of (hidden)", "forget (hidden); a b")


def test_warnings_leave_a_report_well() -> None:
    def report(*verdicts: Verdict) -> Report:
        return Report(checks=tuple(named("x", verdict, ()) for verdict in verdicts))

    assert report(ok("a"), warning("b", "c")).exit_code == 0
    assert report(ok("a"), Verdict(status="fault", said="b")).exit_code == 1


def test_of_a_faulty_file_what_is_whole_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "slackbot.toml"
    path.write_text(
        """
[bot]
max_attempts_running = 0
edits_per_minute = 7
[agents.demo]
kind = "demo"
[agents.odd]
kind = "oracle"
[[repos]]
name = "shop"
url = "shop.git"
forge = "local"
agent = "demo"
chek = "true"
[[repos]]
name = "no url"
[[summaries]]
name = "team"
channel = "C1"
timezone = "Mars/Olympus"
[[summaries]]
name = "night"
channel = "C1"
at = "23:00"
[web]
port = 99999
"""
    )
    config, faults = salvage(path)
    assert config.bot.edits_per_minute == 7 and config.bot.max_attempts_running == 4
    assert list(config.agents) == ["demo"] and [repo.name for repo in config.repos] == ["shop"]
    assert [entry.name for entry in config.summaries] == ["night"] and config.web.port == 3000
    assert all(
        any(word in fault for fault in faults) for word in ("chek", "Mars/Olympus", "agents.odd", "web.port", "no url")
    )


@pytest.mark.parametrize("text", [None, "[[[", "repos = 3\nagents = 4\nbot = 5\nchannels = [6]"])
def test_of_a_hopeless_file_nothing_is_kept(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "slackbot.toml"
    if text is not None:
        path.write_text(text)
    config, faults = salvage(path)
    assert faults and not config.repos and not config.agents and not config.channels
