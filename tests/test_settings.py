"""The environment is read once, checked as a whole, and its secrets do not show."""

from pathlib import Path

import pytest

from slackbot.core.errors import ConfigurationError
from slackbot.settings import Settings, database_settings, database_url, inherited, load_settings

TOML = """
[agents.demo]
kind = "demo"
[[repos]]
name = "checkout"
url = "checkout.git"
forge = "local"
agent = "demo"
check = "make test"
"""
NAMES = [
    *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "SLACKBOT_CONFIG"),
    *("SLACKBOT_DATA_DIR", "SLACKBOT_DATABASE_URL"),
    *("GITHUB_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_API_URL"),
]
GOOD = {"SLACK_BOT_TOKEN": "xoxb-secret-1", "SLACK_APP_TOKEN": "xapp-secret-2"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty environment in a folder with a good configuration file."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "slackbot.toml").write_text(TOML)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()[0]


def faults(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(monkeypatch, **variables)
    return caught.value.faults


def test_the_defaults_lie_beside_the_configuration(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **GOOD)
    assert settings.socket_mode
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.data_dir == place / "data"
    assert settings.database_url == f"sqlite:///{place}/data/slackbot.db"
    assert settings.config_path == place / "slackbot.toml"
    assert not settings.data_dir.exists()


def test_the_configuration_comes_along(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    load(monkeypatch, **GOOD)
    assert [repo.name for repo in load_settings(place / "slackbot.toml")[1].repos] == ["checkout"]


def test_a_signing_secret_alone_means_http(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s")
    assert not settings.socket_mode


def test_the_dotenv_beside_the_file_is_read_and_the_environment_wins(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = place / "etc"
    elsewhere.mkdir()
    (elsewhere / "bot.toml").write_text(TOML)
    (elsewhere / ".env").write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN='xapp-file'\nOTHER=1\n")
    settings = load(monkeypatch, SLACKBOT_CONFIG="etc/bot.toml", SLACK_BOT_TOKEN="xoxb-environment")
    assert settings.slack_bot_token.get_secret_value() == "xoxb-environment"
    assert settings.slack_app_token is not None
    assert settings.slack_app_token.get_secret_value() == "xapp-file"
    assert settings.data_dir == elsewhere / "data"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **GOOD, SLACK_API_URL="", SLACKBOT_DATABASE_URL="", SLACK_SIGNING_SECRET="")
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.slack_signing_secret is None


def test_the_api_url_ends_with_one_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **GOOD, SLACK_API_URL="http://127.0.0.1:1/api").slack_api_url == "http://127.0.0.1:1/api/"
    assert load(monkeypatch, SLACK_API_URL="http://127.0.0.1:1/api/").slack_api_url == "http://127.0.0.1:1/api/"


def test_a_relative_data_folder_is_made_absolute(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **GOOD, SLACKBOT_DATA_DIR="var/bot").data_dir == place / "var" / "bot"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, "sqlite:////d/slackbot.db"),
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("postgresql://u:p@h/n?x=postgres://", "postgresql+psycopg://u:p@h/n?x=postgres://"),
        ("postgresql+psycopg://h/n", "postgresql+psycopg://h/n"),
    ],
)
def test_a_database_url_is_what_sqlalchemy_wants(given: str | None, url: str) -> None:
    assert database_url(given, Path("/d")) == url


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set"),
        ({**GOOD, "SLACK_BOT_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN holds an app token"),
        ({**GOOD, "SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN holds a bot token"),
        ({**GOOD, "SLACKBOT_DATABASE_URL": "mysql://u:secret@h/n"}, "SLACKBOT_DATABASE_URL is neither"),
        ({**GOOD, "SLACK_API_URL": "slack.com/api"}, "SLACK_API_URL is no address"),
        ({**GOOD, "GITHUB_APP_ID": "7"}, "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY belong together"),
    ],
)
def test_a_faulty_variable_is_named(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], fault: str) -> None:
    (found,) = faults(monkeypatch, **variables)
    assert found.startswith(fault)
    assert "u:secret" not in found


def test_the_faults_of_file_and_environment_are_named_at_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "slackbot.toml").write_text(
        TOML.replace('check = "make test"', "").replace('agent = "demo"', 'agent = "x"')
    )
    found = "\n".join(faults(monkeypatch, SLACKBOT_DATABASE_URL="mysql://"))
    for part in (
        "has no check",
        "unknown agent 'x'",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACKBOT_DATABASE_URL",
    ):
        assert part in found


def test_a_missing_file_does_not_hide_missing_tokens(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "slackbot.toml").unlink()
    assert len(faults(monkeypatch)) == 3


def test_a_dotenv_that_cannot_be_read_is_a_fault(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / ".env").write_bytes(b"SLACK_BOT_TOKEN=\xff\n")
    (found,) = faults(monkeypatch, **GOOD)
    assert ".env: cannot be read" in found


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **GOOD, SLACKBOT_DATABASE_URL="postgres://u:secret@h/n", GITHUB_TOKEN="secret-3")
    assert "secret-" not in repr(settings)
    assert "u:secret" not in repr(settings)


def test_the_database_is_known_without_slack(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "slackbot.toml").unlink()
    monkeypatch.setenv("SLACKBOT_DATA_DIR", str(place / "var"))
    assert database_settings() == (f"sqlite:///{place}/var/slackbot.db", place / "var")


def test_only_named_variables_are_passed_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIT_A", "1")
    monkeypatch.setenv("PIT_B", "2")
    (place / ".env").write_text("PIT_A=file\nPIT_C=3\n")
    assert inherited(["PIT_A", "PIT_C", "PIT_D"], place / ".env") == {"PIT_A": "1", "PIT_C": "3"}
    assert inherited(["PIT_A"], place / "none") == {"PIT_A": "1"}


def test_the_sample_names_every_variable() -> None:
    sample = (Path(__file__).parents[1] / ".env.sample").read_text()
    assert [name for name in NAMES if name not in sample] == []
