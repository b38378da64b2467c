"""What a diff's hash survives and what it does not; how a diff is shown."""

import pytest

from slackbot.core.config import RepoConfig
from slackbot.core.task import DiffStat
from slackbot.repos import GitRepos
from slackbot.repos.diffs import DIFF_CAP_BYTES, hash_of
from tests.fakes.origin import OriginRepo

LONG = "".join(f"line {number}\n" for number in range(60))
CHANGED = LONG.replace("line 40\n", "line forty\n")
BINARY = bytes(range(256)) * 4


async def change(repos: GitRepos, repo: RepoConfig, origin: OriginRepo, before: dict, after: dict):  # type: ignore[no-untyped-def,type-arg]
    base = origin.commit(before)
    head = origin.commit(after)
    await repos.refresh(repo)
    return await repos.compare(repo, base, head)


@pytest.mark.parametrize(
    ("before", "same"),
    [
        ({"a.py": LONG, "other.py": "unrelated\n"}, True),
        ({"a.py": "a new top\n" + LONG}, True),
        ({"a.py": LONG.replace("line 39\n", "line thirty-nine\n")}, False),
    ],
    ids=["another file moved", "the same file moved above", "the surroundings moved"],
)
async def test_the_hash_survives_an_unrelated_move_of_the_base(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo, before: dict[str, str], same: bool
) -> None:
    first = await change(repos, repo, origin, {"a.py": LONG}, {"a.py": CHANGED})
    after = {"a.py": before["a.py"].replace("line 40\n", "line forty\n")}
    second = await change(repos, repo, origin, before, after)  # type: ignore[arg-type]
    assert (first.diff_hash == second.diff_hash) is same


@pytest.mark.parametrize(
    "after",
    [
        {"a.py": CHANGED.replace("line forty", "line  forty")},
        {"a.py": CHANGED.replace("line forty", "line forty ")},
        {"a.py": CHANGED, "b.bin": BINARY},
        {"a.py": CHANGED, "b.py": "x\n"},
    ],
    ids=["whitespace inside", "whitespace at the end", "a binary file", "a file more"],
)
async def test_the_hash_changes_with_the_content(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo, after: dict[str, str | bytes]
) -> None:
    first = await change(repos, repo, origin, {"a.py": LONG}, {"a.py": CHANGED})
    second = await change(repos, repo, origin, {"a.py": LONG}, after)
    assert first.diff_hash != second.diff_hash


async def test_binary_content_counts(repos: GitRepos, repo: RepoConfig, origin: OriginRepo) -> None:
    first = await change(repos, repo, origin, {"b": BINARY}, {"b": BINARY + b"\0one"})
    second = await change(repos, repo, origin, {"b": BINARY}, {"b": BINARY + b"\0two"})
    assert first.diff_hash != second.diff_hash
    assert first.stat == DiffStat(files=1, added=0, removed=0)
    assert "Binary files" in first.diff


def test_content_is_never_taken_for_a_header() -> None:
    head = [b"diff --git a/x b/x\n", b"@@ -1 +1 @@ def f():\n"]
    assert hash_of([*head, b"+index 1..2\n"]) != hash_of([*head, b"+index 1..3\n"])
    assert hash_of([*head, b"+@@ -1 +1 @@\n"]) != hash_of([*head, b"+@@ -2 +1 @@\n"])
    assert hash_of([*head, b"index 1..2\n"]) == hash_of([head[0], b"@@ -9,3 +7,2 @@ class C:\n", b"index 3..4\n"])


async def test_a_rename_is_shown_and_counted_as_one(repos: GitRepos, repo: RepoConfig, origin: OriginRepo) -> None:
    taken = await change(repos, repo, origin, {"a.py": LONG}, {"a.py": None, "sub/b.py": CHANGED})
    assert taken.stat == DiffStat(files=1, added=1, removed=1)
    assert "rename to sub/b.py" in taken.diff


async def test_a_long_diff_is_cut_with_a_note_and_hashed_whole(
    repos: GitRepos, repo: RepoConfig, origin: OriginRepo
) -> None:
    text = "0123456789abcde\n" * (DIFF_CAP_BYTES // 16 + 100)
    first = await change(repos, repo, origin, {"x": "x"}, {"long": text + "one\n"})
    second = await change(repos, repo, origin, {"long": None}, {"long": text + "two\n"})  # type: ignore[dict-item]
    assert len(first.diff) < DIFF_CAP_BYTES + 200
    assert "The diff goes on" in first.diff[-100:]
    assert first.diff_hash != second.diff_hash


async def test_contains_knows_what_is_reachable(repos: GitRepos, repo: RepoConfig, origin: OriginRepo) -> None:
    first = origin.sha()
    second = origin.commit({"b": "b\n"})
    await repos.refresh(repo)
    assert await repos.contains(repo, second, first)
    assert not await repos.contains(repo, first, second)
    assert not await repos.contains(repo, second, "1" * 40)
