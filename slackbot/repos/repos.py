"""The `Repos` port: takes each call off the event loop and under the right lock; the neighbours do the work."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import RepoError
from slackbot.core.ports import Base, CommitMessage, Conflict, Merged, Taken
from slackbot.core.task import TaskId, branch_name
from slackbot.repos import diffs, names
from slackbot.repos.command import Git
from slackbot.repos.folders import Folders, forget_if_empty, throw_away
from slackbot.repos.locks import Locks
from slackbot.repos.maintenance import attempts_here, maintain
from slackbot.repos.merging import merge_trees
from slackbot.repos.mirror import Committer, Mirror
from slackbot.repos.origin import Origin
from slackbot.repos.staging import stage
from slackbot.repos.workspaces import Workspace

log = structlog.get_logger()


class GitRepos:
    """Repositories under one data directory. Safe to share between event loops and with other processes."""

    def __init__(
        self,
        data_dir: Path,
        base_dir: Path,
        bot_name: str = "pitcrew",
        bot_email: str = "pitcrew@users.noreply.invalid",
        *,
        clock: Callable[[], datetime],
        git: Git | None = None,
    ) -> None:
        self._folders = Folders(data_dir.resolve())
        self._base_dir = base_dir
        self._committer = Committer(bot_name, bot_email, clock)
        self._git = git or Git()
        self._locks = Locks(self._folders.locks, wait_s=self._git.time_limit_s)

    async def refresh(self, repo: RepoConfig) -> Base:
        def work(lock_fd: int) -> Base:
            git = self._git.holding(lock_fd)
            origin = Origin(repo, git, self._base_dir)
            return self._mirror(repo, git).refresh(origin, self._folders.half_made_mirror(repo))

        base = await self._locks.alone(self._key(repo), work)
        log.info("repo_refreshed", repo=repo.name, branch=base.branch, sha=base.sha)
        return base

    async def prepare(self, repo: RepoConfig, task: TaskId, attempt: int, sha: str) -> Path:
        workspace = Workspace(repo, self._folders, task, attempt)

        def work(lock_fd: int) -> Path:
            git = self._git.holding(lock_fd)
            with self._locks.file_lock(self._key(repo)) as mirror_fd:
                mirror = self._mirror(repo, self._git.holding(mirror_fd))
                (tree,) = mirror.trees(sha)
                mirror.lend(workspace.name, sha, tree)
            workspace.lay_out(git, self._mirror(repo, git), sha, tree)
            return workspace.path

        return await self._locks.alone(workspace.key, work)

    def workspace(self, repo: RepoConfig, task: TaskId, attempt: int) -> Path:
        return self._folders.workspace(repo, task, attempt)

    async def stands_at(self, repo: RepoConfig, task: TaskId, attempt: int) -> str | None:
        return await self._locks.off_loop(Workspace(repo, self._folders, task, attempt).stands_at)

    def home(self, task: TaskId, attempt: int) -> Path:
        home = self._folders.home(task, attempt)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return home

    async def take(
        self,
        repo: RepoConfig,
        task: TaskId,
        attempt: int,
        *,
        base_sha: str,
        parents: tuple[str, ...],
        message: CommitMessage,
    ) -> Taken | None:
        workspace = Workspace(repo, self._folders, task, attempt)

        def work(lock_fd: int) -> Taken | None:
            git = self._git.holding(lock_fd)
            mirror = self._mirror(repo, git)
            base_tree, *parent_trees = mirror.trees(base_sha, *parents)
            tree = stage(git, mirror, workspace)
            if tree == base_tree:
                workspace.stand_at(base_sha)
                return None
            same_as_parent = parent_trees == [tree]
            head = parents[0] if same_as_parent else self._made_before(mirror, workspace.branch, tree, parents)
            head = head or self._committer.commit(git, mirror, tree, parents, message)
            with self._locks.file_lock(self._key(repo)) as mirror_fd:
                self._mirror(repo, self._git.holding(mirror_fd)).point(workspace.branch, head)
            workspace.stand_at(head)
            return diffs.compare(self._git, mirror, self._folders.scratch, base_sha, head)

        taken = await self._locks.alone(workspace.key, work)
        log.info("change_taken", repo=repo.name, branch=workspace.branch, head=taken.head_sha if taken else None)
        return taken

    async def compare(self, repo: RepoConfig, base_sha: str, head_sha: str) -> Taken:
        mirror, scratch = self._mirror(repo, self._git), self._folders.scratch
        return await self._locks.off_loop(partial(diffs.compare, self._git, mirror, scratch, base_sha, head_sha))

    async def contains(self, repo: RepoConfig, sha: str, ancestor: str) -> bool:
        return await self._locks.off_loop(partial(self._mirror(repo, self._git).contains, sha, ancestor))

    async def merge(self, repo: RepoConfig, base_sha: str, head_sha: str, message: CommitMessage) -> Merged | Conflict:
        def work(lock_fd: int) -> Merged | Conflict:
            git = self._git.holding(lock_fd)
            mirror = self._mirror(repo, git)
            merged = merge_trees(git, mirror, base_sha, head_sha)
            if merged.conflicts:
                return Conflict(files=merged.names)
            sha = self._committer.commit(git, mirror, merged.tree, (base_sha, head_sha), message)
            return Merged(sha=sha)

        return await self._locks.alone(self._key(repo), work)

    async def set_branch(self, repo: RepoConfig, branch: str, sha: str) -> None:
        def work(lock_fd: int) -> None:
            self._mirror(repo, self._git.holding(lock_fd)).point(names.checked_branch(repo, branch), sha)

        await self._locks.alone(self._key(repo), work)

    async def prepare_conflict(
        self, repo: RepoConfig, task: TaskId, attempt: int, base_sha: str, head_sha: str
    ) -> tuple[str, ...]:
        workspace = Workspace(repo, self._folders, task, attempt)

        def work(lock_fd: int) -> tuple[str, ...]:
            git = self._git.holding(lock_fd)
            with self._locks.file_lock(self._key(repo)) as mirror_fd:
                locked = self._git.holding(mirror_fd)
                mirror = self._mirror(repo, locked)
                merged = merge_trees(locked, mirror, head_sha, base_sha)
                mirror.lend(workspace.name, head_sha, merged.tree)
            workspace.lay_out(git, self._mirror(repo, git), head_sha, merged.tree)
            workspace.note_conflicts(merged.conflicts)
            return merged.names

        return await self._locks.alone(workspace.key, work)

    async def push(self, repo: RepoConfig, sha: str, branch: str, *, expected: str | None) -> None:
        def work() -> None:
            mirror = self._mirror(repo, self._git)
            self._refuse_rewriting(repo, mirror, sha, branch, expected)
            Origin(repo, self._git, self._base_dir).push(mirror.path, sha, branch, expected)

        await self._locks.off_loop(work)
        log.info("change_pushed", repo=repo.name, branch=branch, sha=sha)

    async def heads(self, repo: RepoConfig) -> dict[str, str]:
        origin = await self._locks.off_loop(partial(Origin, repo, self._git, self._base_dir))
        return (await self._locks.off_loop(origin.standing)).heads

    async def delete_branch(self, repo: RepoConfig, branch: str) -> None:
        if not names.checked_branch(repo, branch).startswith(names.OURS):
            raise RepoError(repo.name, "delete a branch", f"{branch} is not a branch of the bot's; delete it by hand")
        origin = await self._locks.off_loop(partial(Origin, repo, self._git, self._base_dir))
        await self._locks.off_loop(partial(origin.delete, self._folders.mirror(repo), branch))

    async def drop(self, repo: RepoConfig, task: TaskId, attempt: int) -> None:
        workspace = Workspace(repo, self._folders, task, attempt)

        def files(_: int) -> None:
            workspace.throw_away()
            throw_away(self._folders.home(task, attempt))
            forget_if_empty(workspace.path.parent)
            forget_if_empty(workspace.staging.parent)

        def branch(lock_fd: int) -> None:
            mirror = self._mirror(repo, self._git.holding(lock_fd))
            if mirror.is_whole():
                mirror.forget(branch_name(task, attempt), workspace.name)

        await self._locks.alone(workspace.key, files)
        await self._locks.alone(self._key(repo), branch)
        log.info("attempt_dropped", repo=repo.name, branch=workspace.branch)

    async def attempts(self, repo: RepoConfig) -> list[tuple[TaskId, int]]:
        mirror = self._mirror(repo, self._git)
        return await self._locks.off_loop(partial(attempts_here, self._folders, mirror, repo))

    async def maintain(self, repo: RepoConfig, unreachable_before: datetime) -> None:
        """Raises a retryable RepoError while a workspace is being laid out or taken."""

        def work(lock_fd: int) -> None:
            mirror = self._mirror(repo, self._git.holding(lock_fd))
            if mirror.is_whole():
                keys = [Workspace.key_of(attempt, repo) for attempt in mirror.borrowers()]
                with self._locks.all_at_once(keys):
                    maintain(self._git.holding(lock_fd), mirror, unreachable_before)

        await self._locks.alone(self._key(repo), work)

    def clear_scratch(self) -> None:
        """Throw away what a killed process left in the middle of a comparison. Call while nothing runs here yet."""
        throw_away(self._folders.scratch)

    def close(self) -> None:
        """End the git processes that run now and take no further call; what they did half-way is repaired later."""
        self._locks.close()
        self._git.stop()

    def _mirror(self, repo: RepoConfig, git: Git) -> Mirror:
        return Mirror(repo, git, self._folders.mirror(repo))

    @staticmethod
    def _key(repo: RepoConfig) -> str:
        return f"mirror+{names.folder(repo)}"

    @staticmethod
    def _made_before(mirror: Mirror, branch: str, tree: str, parents: tuple[str, ...]) -> str | None:
        """The commit on the branch when it says the same: an earlier try made it."""
        there, its_tree = mirror.find(f"refs/heads/{branch}", f"refs/heads/{branch}^{{tree}}")
        return there if there and its_tree == tree and mirror.parents(there) == parents else None

    @staticmethod
    def _refuse_rewriting(repo: RepoConfig, mirror: Mirror, sha: str, branch: str, expected: str | None) -> None:
        """Only branches of the bot's own may be forced; every other may only go forward from what was expected."""
        mirror.commits(sha)
        if names.checked_branch(repo, branch).startswith(names.OURS):
            return
        if expected is None or not mirror.contains(sha, expected):
            raise RepoError(repo.name, "push", f"this would rewrite {branch}, which the bot never does")
