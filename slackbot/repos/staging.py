"""Takes the tree that an agent left, from outside its box; refuses what is not plainly files of the repository."""

import os
from collections.abc import Sequence
from pathlib import Path

from slackbot.core.errors import RepoError
from slackbot.repos.command import Git, Place
from slackbot.repos.mirror import Mirror
from slackbot.repos.workspaces import Workspace

GITLINK = b"160000"
MARKERS = "^(<{7,}|>{7,}) "
NAMED = 5  # this many files are named in a sentence


def stage(git: Git, mirror: Mirror, workspace: Workspace) -> str:
    """The workspace's files as a tree in the mirror. Raises RepoError for what must not be committed."""
    if not workspace.is_there():
        raise _refused(workspace, "its workspace is gone; retry starts a new attempt")
    place = workspace.place(mirror)
    (workspace.staging / "index.lock").unlink(missing_ok=True)  # of a git that was killed: we hold the lock
    _refuse_oddities(git, place, workspace)
    before = git.run(["write-tree"], place).text
    output = git.run(["add", "--all", "--", "."], place, ok=(0, 1, 128))
    if output.code != 0:
        raise _refused(workspace, _why_not_staged(output.err))
    _keep_submodules(git, place, workspace, before)
    _refuse_conflict_markers(git, place, workspace)
    return git.run(["write-tree"], place).text


def oddities(root: Path) -> tuple[list[str], list[str]]:
    """Below the top: folders that are repositories of their own, and entries that are no file, folder or symlink."""
    nested: list[str] = []
    special: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(root / folder) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.name == ".git":
                    nested.extend([folder] if folder else [])
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif not (entry.is_symlink() or entry.is_file(follow_symlinks=False)):
                    special.append(name)
    return sorted(nested), sorted(special)


def _refuse_oddities(git: Git, place: Place, workspace: Workspace) -> None:
    try:
        nested, special = oddities(workspace.path)
    except OSError as error:
        raise _refused(workspace, f"a folder of its workspace cannot be read ({error.strerror}); retry") from error
    ignored = _ignored(git, place, [*nested, *special])
    if found := [name for name in nested if name not in ignored]:
        raise _refused(workspace, f"there are repositories inside the repository: {named(found)}; remove them")
    if found := [name for name in special if name not in ignored]:
        raise _refused(workspace, f"there are pipes, sockets or devices among the files: {named(found)}; remove them")


def _ignored(git: Git, place: Place, paths: Sequence[str]) -> set[str]:
    if not paths:
        return set()
    asked = b"\0".join(b"./" + os.fsencode(path) for path in paths)  # "./": a name is never a pathspec's magic
    magic = {"GIT_LITERAL_PATHSPECS": "0"}  # git check-ignore knows no literal mode
    output = git.run(["check-ignore", "-z", "--stdin"], place, stdin=asked, env=magic, ok=(0, 1, 128))
    # 128: a path inside a submodule; then none counts as ignored and all are refused.
    found = output.out.split(b"\0") if output.code == 0 else []
    return {os.fsdecode(path.removeprefix(b"./")) for path in found if path}


def _keep_submodules(git: Git, place: Place, workspace: Workspace, before: str) -> None:
    """Submodules stay as they were: one whose folder went is put back, one that came or changed is refused."""
    fields = git.run(["diff-index", "--cached", "--raw", "-z", "--ignore-submodules=none", before], place).out
    parts = fields.split(b"\0")[:-1]
    for facts, path in zip(parts[::2], parts[1::2], strict=True):
        old_mode, new_mode, old_sha, _, _ = facts.lstrip(b":").split(b" ")
        if GITLINK not in (old_mode, new_mode):
            continue
        name = os.fsdecode(path)
        if old_mode != GITLINK or os.path.lexists(workspace.path / name):
            raise _refused(workspace, f"the submodule {name} came or changed; leave submodules as they were")
        entry = b"160000 %s\t%s\0" % (old_sha, path)
        git.run(["update-index", "-z", "--index-info"], place, stdin=entry)


def _refuse_conflict_markers(git: Git, place: Place, workspace: Workspace) -> None:
    files = workspace.noted_conflicts()
    if not files:
        return
    argv = ["grep", "--cached", "--text", "-l", "-z", "-E", "-e", MARKERS, "--", *files]
    found = git.run(argv, place, ok=(0, 1)).out.split(b"\0")[:-1]
    if found:
        left = named([os.fsdecode(path) for path in found])
        raise _refused(workspace, f"conflict markers are left in {left}; resolve them")


def _why_not_staged(stderr: str) -> str:
    if "Permission denied" in stderr:
        return "some of its files cannot be read; make them readable"
    if "is in submodule" in stderr:
        return "there are files inside a submodule; leave submodules as they were"
    return "git cannot stage its files; the bot's log has the whole story, retry starts a new attempt"


def named(files: Sequence[str]) -> str:
    shown = ", ".join(repr(file)[1:-1] for file in files[:NAMED])
    return shown if len(files) <= NAMED else f"{shown} and {len(files) - NAMED} more"


def _refused(workspace: Workspace, reason: str) -> RepoError:
    return RepoError(workspace.repo.name, "take", reason)
