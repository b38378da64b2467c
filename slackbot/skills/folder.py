"""The Skills port on a folder: lists the skills, lays them where agents look, renders prompts."""

import shutil
from pathlib import Path

from slackbot.core.ports import Skill
from slackbot.skills.loading import load_skills
from slackbot.skills.templates import PROMPTS, Templates


class SkillFolder:
    """Skills below `root`, one folder each. Raises ConfigurationError with every fault when it is made."""

    def __init__(self, root: Path, templates: Path = PROMPTS) -> None:
        self._skills = load_skills(root)
        self._templates = Templates(templates)

    def catalogue(self) -> tuple[Skill, ...]:
        """Every skill, by name."""
        return self._skills

    def lay(self, home: Path) -> None:
        """Copy the skills to HOME/.agents/skills and link HOME/.claude/skills there. Safe to repeat.

        Blocking. No process of the agent may be alive: the folders on the way are checked first, then used.
        """
        shelf = _own_folder(home / ".agents") / "skills"
        _remove(shelf)
        shelf.mkdir()
        for skill in self._skills:
            shutil.copytree(skill.path, shelf / skill.name)
        link = _own_folder(home / ".claude") / "skills"
        _remove(link)
        link.symlink_to(Path("..") / ".agents" / "skills", target_is_directory=True)

    def prompt(self, template: str, **facts: object) -> str:
        """Render one of the strict prompt templates. Raises LookupError for a missing fact or template."""
        return self._templates.render(template, facts)


def _own_folder(path: Path) -> Path:
    """A real folder at `path`: an agent owns its HOME and may have left a link there that leads us elsewhere."""
    if path.is_symlink() or not path.is_dir():
        _remove(path)
    path.mkdir(exist_ok=True)
    return path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
