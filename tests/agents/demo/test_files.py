"""The demo agent changes files of its workspace and no others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from slackbot.agents.demo import files
from slackbot.agents.demo.files import CannotDo


def test_files_are_written_extended_changed_and_deleted(tmp_path: Path) -> None:
    files.write(tmp_path, "a/b.txt", "one")
    files.append(tmp_path, "a/b.txt", "two\n")
    assert files.replace(tmp_path, "a/b.txt", "o", "0") == 2
    assert files.read(tmp_path, "a/b.txt") == "0ne\ntw0\n"
    files.delete(tmp_path, "a/b.txt")
    assert not (tmp_path / "a" / "b.txt").exists()


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a", "a/../../b", "~/a", ".git/config", "a/.git/hooks/x", ".", "link", "out/a"]
)
@pytest.mark.parametrize(
    "change",
    [
        lambda folder, name: files.write(folder, name, "x"),
        lambda folder, name: files.append(folder, name, "x"),
        lambda folder, name: files.replace(folder, name, "x", "y"),
        files.delete,
        files.read,
    ],
)
def test_nothing_outside_the_workspace_is_touched(
    tmp_path: Path, name: str, change: Callable[[Path, str], object]
) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "secret").write_text("x")
    (workspace / "link").symlink_to(tmp_path / "secret")
    (workspace / "out").symlink_to(tmp_path)
    with pytest.raises(CannotDo):
        change(workspace, name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret", "workspace"]
    assert (tmp_path / "secret").read_text() == "x"


@pytest.mark.parametrize("name", ["missing", "folder", "binary"])
def test_what_cannot_be_changed_is_said_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CannotDo, match=name):
        files.replace(tmp_path, name, "a", "b")
