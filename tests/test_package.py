"""The wheel works without the checkout: the command starts, and what it carries is complete."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = [pytest.mark.package, pytest.mark.timeout(300)]

TOP = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    """A command in an environment without our variables; its output."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a virtual environment that holds the wheel, and sees our dependencies but not our checkout."""
    place = tmp_path_factory.mktemp("outside")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, TOP, cwd=place)
    (wheel,) = place.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", place / "venv", cwd=place)
    python = place / "venv" / "bin" / "python"
    # The path alone: the .pth files in there, which lead to the checkout, are not followed.
    (site,) = (place / "venv" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, wheel, cwd=place)
    return place


def python(outside: Path, code: str) -> str:
    return run(outside / "venv" / "bin" / "python", "-c", code, cwd=outside).strip()


def test_the_code_comes_from_the_wheel(outside: Path) -> None:
    for package in ("slackbot", "handlers"):
        assert python(outside, f"import {package}; print({package}.__file__)").startswith(str(outside))


def test_the_command_starts(outside: Path) -> None:
    help_text = run(outside / "venv" / "bin" / "slackbot", "--help", cwd=outside)
    assert all(command in help_text for command in ("run", "demo", "doctor", "db", "manifest"))


def test_the_manifest_is_carried(outside: Path) -> None:
    printed = run(outside / "venv" / "bin" / "slackbot", "manifest", cwd=outside)
    assert printed.strip() == (TOP / "manifest.yml").read_text().strip()


def test_the_skills_and_prompts_are_carried(outside: Path) -> None:
    code = (
        "from slackbot.bundled import bundled; from slackbot.skills import SkillFolder\n"
        "skills = SkillFolder(bundled('skills'))\n"
        "print(*(skill.name for skill in skills.catalogue()))\n"
        "from slackbot.skills.templates import PROMPTS; print(*(path.name for path in PROMPTS.iterdir()))"
    )
    printed = python(outside, code)
    assert printed.splitlines()[0] == "fix-a-page rework write-docs"
    assert "request.md.j2" in printed


def test_every_migration_is_carried(outside: Path) -> None:
    code = (
        "from slackbot.bundled import bundled\n"
        "root = bundled('migrations')\n"
        "print(*sorted(str(path.relative_to(root)) for path in root.rglob('*.py')))"
    )
    ours = {str(path.relative_to(TOP / "migrations")) for path in (TOP / "migrations").rglob("*.py")}
    assert ours
    assert set(python(outside, code).split()) == ours


def test_every_file_of_the_packages_is_carried(outside: Path) -> None:
    (site,) = (outside / "venv" / "lib").glob("python*/site-packages")
    for package in ("slackbot", "handlers"):
        ours = {
            path.relative_to(TOP)
            for path in (TOP / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        missing = sorted(str(path) for path in ours if not (site / path).is_file())
        assert not missing, "the wheel lacks files"
