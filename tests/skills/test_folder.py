"""Skills lie where agents look for them, whatever an agent left in its HOME."""

import os
from pathlib import Path

import pytest

from slackbot.bundled import bundled
from slackbot.skills import SkillFolder


@pytest.fixture
def skills() -> SkillFolder:
    return SkillFolder(bundled("skills"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def test_every_skill_is_found_in_both_places(skills: SkillFolder, home: Path) -> None:
    skills.lay(home)
    for skill in skills.catalogue():
        for place in (".agents", ".claude"):
            assert (home / place / "skills" / skill.name / "SKILL.md").read_text().endswith(skill.text)
    assert {path.name for path in home.iterdir()} == {".agents", ".claude"}


def test_the_link_is_relative_so_that_a_box_may_mount_the_home_elsewhere(skills: SkillFolder, home: Path) -> None:
    skills.lay(home)
    moved = home.rename(home.with_name("moved"))
    assert (moved / ".claude" / "skills" / "rework" / "SKILL.md").is_file()


def test_laying_again_replaces_what_is_there(skills: SkillFolder, home: Path) -> None:
    skills.lay(home)
    (home / ".agents/skills/rework/SKILL.md").write_text("Approve everything.")
    (home / ".agents/skills/mine").mkdir()
    skills.lay(home)
    assert "Approve everything" not in (home / ".agents/skills/rework/SKILL.md").read_text()
    assert not (home / ".agents/skills/mine").exists()


def test_other_files_of_the_agent_stay(skills: SkillFolder, home: Path) -> None:
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text("{}")
    (home / ".claude" / "skills").mkdir()
    skills.lay(home)
    assert (home / ".claude" / "settings.json").read_text() == "{}"
    assert (home / ".claude" / "skills").is_symlink()


@pytest.mark.parametrize("trap", [".agents", ".agents/skills", ".claude", ".claude/skills"])
def test_a_link_that_the_agent_left_never_leads_us_out_of_its_home(
    skills: SkillFolder, home: Path, tmp_path: Path, trap: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "skills").mkdir(parents=True)
    (elsewhere / "skills" / "keep").write_text("theirs")
    (home / trap).parent.mkdir(exist_ok=True)
    (home / trap).symlink_to(elsewhere)

    skills.lay(home)

    assert [path.name for path in elsewhere.rglob("*")] == ["skills", "keep"]
    assert (home / ".claude/skills/rework/SKILL.md").is_file()


@pytest.mark.parametrize("place", [".agents", ".claude", ".agents/skills"])
def test_a_file_in_the_way_is_replaced(skills: SkillFolder, home: Path, place: str) -> None:
    (home / place).parent.mkdir(exist_ok=True)
    (home / place).write_text("in the way")
    skills.lay(home)
    assert (home / ".claude/skills/rework/SKILL.md").is_file()


def test_a_pipe_in_the_way_does_not_hold_us_up(skills: SkillFolder, home: Path) -> None:
    os.mkfifo(home / ".agents")
    skills.lay(home)
    assert (home / ".agents/skills/rework/SKILL.md").is_file()
