"""Reads SKILL.md folders into `Skill`s and names every fault; refuses to know who reads the skills."""

import re
from pathlib import Path

import yaml

from slackbot.core.errors import ConfigurationError
from slackbot.core.ports import Skill

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1024
FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<matter>.*?)^---[ \t]*(?:\n(?P<text>.*))?\Z", re.DOTALL | re.MULTILINE)


class _Fault(Exception):
    """One reason why a folder is not a skill, with the next step."""


def load_skills(root: Path) -> tuple[Skill, ...]:
    """Every skill below `root`, by name. Raises ConfigurationError that lists the faults of all folders."""
    if not root.is_dir():
        raise ConfigurationError([f"{root}: no such folder: it holds the skills, one folder with a SKILL.md each"])
    skills: dict[str, Skill] = {}
    faults: list[str] = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))):
        try:
            skill = _load(folder, skills)
        except _Fault as fault:
            faults.append(f"{folder / 'SKILL.md'}: {fault}")
        else:
            skills[skill.name] = skill
    if faults:
        raise ConfigurationError(faults)
    return tuple(skills[name] for name in sorted(skills))


def _load(folder: Path, loaded: dict[str, Skill]) -> Skill:
    matter, text = _split(_read(folder / "SKILL.md"))
    name, description = _word(matter, "name"), _word(matter, "description")
    problems = [
        *_name_problems(name, folder.name, loaded),
        *_description_problems(description),
        *([] if text.strip() else ["no instructions after the front matter: say what the agent shall do"]),
    ]
    if problems:
        raise _Fault("; ".join(problems))
    return Skill(name=name, description=" ".join(description.split()), path=folder, text=text.strip() + "\n")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise _Fault("no such file: add it or remove the folder") from error
    except UnicodeDecodeError as error:
        raise _Fault("is not UTF-8 text: save it as UTF-8") from error
    except OSError as error:
        raise _Fault(f"cannot be read: {error.strerror}") from error


def _split(content: str) -> tuple[dict[object, object], str]:
    found = FRONT_MATTER.match(content)
    if found is None:
        raise _Fault("no front matter: begin with a line ---, then name: and description:, then a line ---")
    try:
        matter = yaml.safe_load(found["matter"])
    except yaml.YAMLError as error:
        raise _Fault(f"the front matter is not YAML{_place(error)}: put texts with a colon in quotes") from error
    if not isinstance(matter, dict):
        raise _Fault("the front matter has no keys: write name: and description:")
    return matter, found["text"] or ""


def _place(error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    # Lines count from 0, and the front matter starts on the file's second line.
    return f" (line {mark.line + 2})" if mark else ""


def _word(matter: dict[object, object], key: str) -> str:
    value = matter.get(key)
    return value.strip() if isinstance(value, str) else ""


def _name_problems(name: str, folder: str, loaded: dict[str, Skill]) -> list[str]:
    if not name:
        return [f"no name: write name: {folder}"]
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        return [f"the name {name!r} is not a skill's name: use small letters, digits and '-', {LONGEST_NAME} at most"]
    problems = [] if name == folder else [f"the name {name!r} is not the folder's: call both {folder!r} or {name!r}"]
    if name in loaded:
        problems.append(f"the name {name!r} is taken by {loaded[name].path}: rename one of them")
    return problems


def _description_problems(description: str) -> list[str]:
    if not description:
        return ["no description: say in a sentence when to use it, agents choose by it"]
    if len(description) > LONGEST_DESCRIPTION:
        return [f"the description has {len(description)} characters: {LONGEST_DESCRIPTION} at most"]
    return []
