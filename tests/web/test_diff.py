"""What git prints, read back."""

import subprocess
from pathlib import Path

import pytest

from slackbot.web.diff import Line, parse
from slackbot.web.diff_names import names_of_head, plain_name

HEAD = "diff --git a/x b/x\n--- a/x\n+++ b/x\n"


def test_a_removed_line_that_looks_like_a_head_stays_a_line() -> None:
    text = HEAD + "@@ -1,3 +1,2 @@ near\n--- a/evil\n-diff --git a/y b/y\n+++ b/evil\n same\n"
    (file,) = parse(text).files
    assert (file.path, file.added, file.removed) == ("x", 1, 2)
    assert file.hunks[0].lines == [
        Line("-", 1, None, "-- a/evil"),
        Line("-", 2, None, "diff --git a/y b/y"),
        Line("+", None, 1, "++ b/evil"),
        Line(" ", 3, 2, "same"),
    ]


def test_a_line_that_looks_like_our_remark_on_a_cut_is_none() -> None:
    assert parse(HEAD + "@@ -0,0 +1 @@\n+[The diff goes on: no]\n").cut is None


def test_a_cut_diff_ends_with_its_remark() -> None:
    diff = parse(HEAD + "@@ -0,0 +1,9 @@\n+one\n+tw\n[The diff goes on: 12 bytes in all, the first 9 are shown.]\n")
    assert diff.cut == "The diff goes on: 12 bytes in all, the first 9 are shown."
    assert [line.text for line in diff.files[0].hunks[0].lines] == ["one", "tw"]


@pytest.mark.parametrize(
    "text", ["", "nonsense\n@@ -1 +1 @@\n+x", "\x00\ufffd" * 9, "@@", "diff --git ", "diff --git a"]
)
def test_what_is_no_diff_is_no_error(text: str) -> None:
    assert not [file for file in parse(text).files if file.hunks]


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ("diff --git a/x b/x", "x"),
        ("diff --git a/a b/c b/a b/c", "a b/c"),
        ('diff --git "a/\\303\\274.py" "b/\\303\\274.py"', "ü.py"),
        ('diff --git a/plain "b/tab\\there"', "tab\there"),
        ("diff --git a/old b/new", "new"),
    ],
)
def test_names_of_a_head(head: str, path: str) -> None:
    assert names_of_head(head) == path


def test_escapes_that_are_no_utf8_are_replaced() -> None:
    assert plain_name('"\\377\\"\\\\\\n"') == '\ufffd"\\\n'


def _git(folder: Path, *argv: str) -> str:
    base = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(folder))
    return subprocess.run((*base, *argv), check=True, capture_output=True, text=True).stdout


def test_what_real_git_prints_is_read_as_it_was_meant(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    before = {"kept.py": "a\nb\nc\n", "gone.txt": "x\n", "old name.md": "l\n" * 20, "mode.sh": "#!\n"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    _git(tmp_path, "add", "."), _git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "kept.py").write_text("a\nB\x0c\u2028B\nc\r\n")
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "old name.md").rename(tmp_path / "nëw\tname.md")
    (tmp_path / "mode.sh").chmod(0o755)
    (tmp_path / "bin").write_bytes(b"\x00\x01")
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("/etc/passwd")
    _git(tmp_path, "add", ".")
    diff = parse(_git(tmp_path, "diff", "--cached", "-M", "--full-index"))
    found = {file.path: (file.kind, file.old_path, file.binary, tuple(file.remarks)) for file in diff.files}
    assert found == {
        "kept.py": ("changed", None, False, ()),
        "gone.txt": ("deleted", None, False, ()),
        "nëw\tname.md": ("renamed", "old name.md", False, ()),
        "mode.sh": ("changed", None, False, ("old mode 100644", "new mode 100755 (executable)")),
        "bin": ("added", None, True, ()),
        "empty": ("added", None, False, ()),
        "link": ("added", None, False, ("symbolic link",)),
    }
    kept = next(file for file in diff.files if file.path == "kept.py")
    assert (kept.added, kept.removed) == (2, 2)
    assert Line("+", None, 2, "B\x0c\u2028B") in kept.hunks[0].lines
