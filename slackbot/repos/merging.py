"""Merges two commits in the mirror, without a work tree. Decides nothing about whether that is wanted."""

from slackbot.core.errors import RepoError
from slackbot.core.model import Frozen
from slackbot.repos.command import Git
from slackbot.repos.mirror import Mirror


class MergedTree(Frozen):
    """The merge as a tree; with conflicts, markers are left in `conflicts`."""

    tree: str
    conflicts: tuple[bytes, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(path.decode("utf-8", "replace") for path in self.conflicts)


def merge_trees(git: Git, mirror: Mirror, ours: str, theirs: str) -> MergedTree:
    """What merging `theirs` into `ours` gives."""
    argv = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *mirror.commits(ours, theirs)]
    output = git.run(argv, mirror.place, ok=(0, 1, 128))
    if output.code == 128:
        raise RepoError("git", "merge", "the two commits have no history in common; retry starts a new attempt")
    tree, *files = output.out.split(b"\0")[:-1]
    # A file may be named once per stage of its conflict.
    return MergedTree(tree=tree.decode(), conflicts=tuple(dict.fromkeys(file for file in files if file)))
