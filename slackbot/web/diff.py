"""Reads git's unified diff into files, hunks and lines. Knows nothing of pages; the text is hostile.

Hunks are read by the counts in their heads, so that a removed line "-- a/x" is never taken for a file's head.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from slackbot.web.diff_names import name_after, names_of_head, plain_name

_HUNK = re.compile(r"@@ -(?P<old>\d+)(?:,(?P<olds>\d+))? \+(?P<new>\d+)(?:,(?P<news>\d+))? @@(?P<near>.*)", re.DOTALL)
_SPECIAL = {"120000": "symbolic link", "160000": "submodule", "100755": "executable"}
_GOES_ON = "[The diff goes on: "


class Line(NamedTuple):
    """One line of a hunk; `old` and `new` are its numbers, None on the side where it is not."""

    sign: str  # "+", "-", " ", or "\\" for a remark of git's: no newline at the end
    old: int | None
    new: int | None
    text: str


@dataclass
class Hunk:
    """`near`: what git shows behind the numbers, mostly the function around it."""

    place: str
    near: str
    lines: list[Line] = field(default_factory=list)


@dataclass
class File:
    path: str
    old_path: str | None = None  # where it was renamed or copied from
    kind: str = "changed"  # changed | added | deleted | renamed | copied
    binary: bool = False
    remarks: list[str] = field(default_factory=list)  # what its head says about modes
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def added(self) -> int:
        return sum(line.sign == "+" for hunk in self.hunks for line in hunk.lines)

    @property
    def removed(self) -> int:
        return sum(line.sign == "-" for hunk in self.hunks for line in hunk.lines)

    @property
    def size(self) -> int:
        return sum(len(hunk.lines) for hunk in self.hunks)


class Diff(NamedTuple):
    """`cut`: the diff was longer than what was kept, in the words it ends with."""

    files: list[File]
    cut: str | None


class _Reader:
    """Goes through the lines once."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0

    def rest(self) -> Iterator[str]:
        while self.at < len(self.lines):
            self.at += 1
            yield self.lines[self.at - 1]


def parse(text: str) -> Diff:
    """Read what `git diff` printed. Lines that are none of its own are left out, but for our remark on a cut."""
    reader = _Reader(text)
    files: list[File] = []
    cut = None
    for line in reader.rest():
        if line.startswith("diff --git "):
            files.append(File(path=names_of_head(line)))
        elif files and (head := _HUNK.fullmatch(line)):
            files[-1].hunks.append(_hunk(reader, head))
        elif files and not files[-1].hunks:
            _head_line(files[-1], line)
        if line.startswith(_GOES_ON):
            cut = line.strip("[]")
    return Diff(files, cut)


def _hunk(reader: _Reader, head: re.Match[str]) -> Hunk:
    place, near = head.string[: head.start("near")], head["near"].strip()
    hunk = Hunk(place=place, near=near)
    old, new = int(head["old"]), int(head["new"])
    olds, news = old + int(head["olds"] or 1), new + int(head["news"] or 1)
    for line in reader.rest():
        sign, text = line[:1], line[1:]
        has_old, has_new = sign in (" ", "-"), sign in (" ", "+")
        inside = sign and ((has_old and old < olds) or (has_new and new < news) or sign == "\\")
        if not inside:
            reader.at -= 1
            break
        hunk.lines.append(Line(sign, old if has_old else None, new if has_new else None, text))
        old, new = old + has_old, new + has_new
    return hunk


def _head_line(file: File, line: str) -> None:
    word, _, rest = line.partition(" ")
    match word:
        case "new" | "deleted" if rest.startswith("file mode "):
            file.kind = "added" if word == "new" else "deleted"
            _remark_mode(file, rest.removeprefix("file mode "))
        case "old" | "new" if rest.startswith("mode "):
            file.remarks.append(f"{word} mode {_mode(rest.removeprefix('mode '))}")
        case "rename" | "copy" if rest.startswith(("from ", "to ")):
            _moved(file, "renamed" if word == "rename" else "copied", rest)
        case "index" if " " in rest:
            _remark_mode(file, rest.rpartition(" ")[2])
        case "---" | "+++" if rest.rstrip("\t") != "/dev/null":
            file.path = name_after(rest, file.path)
        case "Binary" | "GIT":
            file.binary = True


def _moved(file: File, kind: str, rest: str) -> None:
    file.kind = kind
    side, _, name = rest.partition(" ")
    if side == "from":
        file.old_path = plain_name(name)
    else:
        file.path = plain_name(name)


def _mode(mode: str) -> str:
    return f"{mode} ({_SPECIAL[mode]})" if mode in _SPECIAL else mode


def _remark_mode(file: File, mode: str) -> None:
    if mode in _SPECIAL:
        file.remarks.append(_SPECIAL[mode])
