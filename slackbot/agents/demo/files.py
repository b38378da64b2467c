"""Edits of files below one folder, and nowhere else."""

from pathlib import Path


class CannotDo(Exception):
    """An instruction that cannot be followed; the text is a sentence for the answer."""


def inside(workspace: Path, name: str) -> Path:
    """The file's path. Raises CannotDo when it is absolute, has `..`, is git's, or a link leads out."""
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts or name.startswith("~"):
        raise CannotDo(f"{name} is not a path inside the repository.")
    if not parts or ".git" in parts:
        raise CannotDo(f"{name} is not a file that I may change.")
    path = workspace / name
    if not path.resolve().is_relative_to(workspace.resolve()):
        raise CannotDo(f"{name} leads out of the repository.")
    return path


def read(workspace: Path, name: str) -> str:
    try:
        return inside(workspace, name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotDo(f"{name} cannot be read as text.") from error


def write(workspace: Path, name: str, text: str) -> None:
    path = inside(workspace, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDo(f"{name} cannot be written ({error.strerror}).") from error


def delete(workspace: Path, name: str) -> None:
    try:
        inside(workspace, name).unlink()
    except OSError as error:
        raise CannotDo(f"{name} cannot be deleted ({error.strerror}).") from error


def append(workspace: Path, name: str, text: str) -> None:
    """Add at the end, on a line of its own."""
    before = read(workspace, name) if inside(workspace, name).exists() else ""
    write(workspace, name, before + ("" if not before or before.endswith("\n") else "\n") + text)


def replace(workspace: Path, name: str, old: str, new: str) -> int:
    """How many places changed. Raises CannotDo when there is none."""
    before = read(workspace, name)
    if old not in before:
        raise CannotDo(f"{name} does not hold {old!r}.")
    write(workspace, name, before.replace(old, new))
    return before.count(old)
