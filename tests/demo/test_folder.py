"""The demo's folder: a repository that git likes and a configuration that the bot accepts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from slackbot.config_file import load_config
from slackbot.core.config import AgentConfig
from slackbot.core.errors import ConfigurationError, RepoError
from slackbot.demo.agents import BUILT_IN, from_anywhere
from slackbot.demo.folder import CHECK, STORY, Agent, Folder

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


async def test_the_repository_holds_the_story_in_one_commit(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    await folder.make_repository(NOW)
    assert await folder.branches() == ["main"]
    files = (await folder.git("ls-tree", "-r", "--name-only", "main")).split()
    on_disk = [path.relative_to(STORY).as_posix() for path in STORY.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(name for name in on_disk if "__pycache__" not in name)
    assert await folder.landed("payments/client.py") == (STORY / "payments/client.py").read_text()
    await folder.git("fsck", "--strict")
    assert (await folder.check_out("copy") / "AGENTS.md").is_file()


async def test_a_folder_that_holds_a_demo_is_not_overwritten(tmp_path: Path) -> None:
    await Folder(tmp_path).make_repository(NOW)
    with pytest.raises(ConfigurationError, match="holds a demo already"):
        await Folder(tmp_path).make_repository(NOW)


async def test_what_is_not_in_the_repository_is_an_error(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    await folder.make_repository(NOW)
    with pytest.raises(RepoError):
        await folder.landed("no/such/file")


@pytest.mark.parametrize(
    "agent",
    [
        BUILT_IN,
        Agent(
            "mine", AgentConfig(kind="acp", command=("/opt/my agent", '--say="ö"\\'), sandbox="none", env=("A",)), {}
        ),
    ],
)
def test_the_bot_accepts_the_configuration(tmp_path: Path, agent: Agent) -> None:
    folder = Folder(tmp_path / "with 'quotes' and spaces")
    folder.path.mkdir()
    folder.configure(agent, 4321, "09:00")
    config = load_config(folder.config)
    [repo] = config.repos
    assert (repo.url, repo.check, repo.agent) == (str(folder.origin), CHECK, agent.name)
    assert repo.approvers == () and not repo.self_approve
    assert config.agents == {agent.name: agent.config}
    assert config.web.public_url == "http://127.0.0.1:4321" and config.web.port == 4321
    assert config.channel_repos("C0INCIDENTS") == ("acme/payments",)


@pytest.mark.parametrize(
    ("argument", "absolute"),
    [("agents/mine.py", True), ("agents/none.py", False), ("python3", False), ("--x=a/b", False)],
)
def test_a_file_beside_the_users_configuration_is_found_from_elsewhere(tmp_path: Path, argument: str, absolute) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents/mine.py").write_text("")
    assert from_anywhere(argument, tmp_path) == (str(tmp_path / argument) if absolute else argument)
