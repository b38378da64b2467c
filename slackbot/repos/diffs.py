"""The change between two commits as people read it and as an approval is bound to it. Knows only a mirror."""

import hashlib
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from slackbot.core.ports import Taken
from slackbot.core.task import DiffStat
from slackbot.repos.command import Git
from slackbot.repos.mirror import Mirror

DIFF_CAP_BYTES = 1_000_000
_HUNK = re.compile(rb"^@@ -\d+(,\d+)? \+\d+(,\d+)? @@.*", re.DOTALL)


def compare(git: Git, mirror: Mirror, scratch: Path, base_sha: str, head_sha: str) -> Taken:
    """What head changes relative to base."""
    base, head = mirror.commits(base_sha, head_sha)
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        shown, whole = Path(folder, "shown"), Path(folder, "whole")
        _write(git, mirror, [f"--output={shown}", "--numstat", "-p", "-M", base, head])
        _write(git, mirror, [f"--output={whole}", "-p", "--binary", "--no-renames", base, head])
        with whole.open("rb") as lines:
            diff_hash = hash_of(lines)
        with shown.open("rb") as file:
            stat = _stat(file)
            diff = _capped(file, shown.stat().st_size - file.tell())
    return Taken(base_sha=base, head_sha=head, diff=diff, diff_hash=diff_hash, stat=stat)


def hash_of(lines: Iterable[bytes]) -> str:
    """SHA-256 of a diff without what changes when only the base moves: blob ids and the places of hunks.

    Content lines start with a blank, a sign or a backslash, so none is taken for a header.
    """
    digest = hashlib.sha256()
    for line in lines:
        if line.startswith(b"index "):
            continue
        digest.update(b"@@\n" if _HUNK.match(line) else line)
    return digest.hexdigest()


def _write(git: Git, mirror: Mirror, argv: list[str]) -> None:
    settings = ["--no-ext-diff", "--no-textconv", "--no-color", "--full-index", "-U3", "--ignore-submodules=none"]
    git.run(["diff-tree", "-r", *settings, *argv], mirror.place)


def _stat(file: BinaryIO) -> DiffStat:
    """Read the lines of --numstat and the blank line after them: git quotes names, so each file is one line."""
    files = added = removed = 0
    while line := file.readline().strip():
        plus, minus, _ = line.split(b"\t", 2)
        files += 1
        added += int(plus) if plus.isdigit() else 0  # "-" for a binary file
        removed += int(minus) if minus.isdigit() else 0
    return DiffStat(files=files, added=added, removed=removed)


def _capped(file: BinaryIO, size: int) -> str:
    text = file.read(DIFF_CAP_BYTES).decode("utf-8", "replace")
    if size <= DIFF_CAP_BYTES:
        return text
    return f"{text}\n[The diff goes on: {size:,} bytes in all, the first {DIFF_CAP_BYTES:,} are shown.]\n"
