"""The `Forge` port without a forge: a pull request is a branch plus a record, landing is a merge that is pushed.

Refuses to know how a repository works inside; it asks the injected `Repos`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from slackbot.core.config import RepoConfig
from slackbot.core.errors import BaseMoved, ForgeError, RepoError
from slackbot.core.ports import CommitMessage, Conflict, Proposal, Repos
from slackbot.core.task import PullRequest
from slackbot.forges.records import Record, Records

log = structlog.get_logger()


class LocalForge:
    """Pull requests of repositories that have no forge. The branch was pushed before one is opened."""

    def __init__(self, records_dir: Path, repos: Repos, page_url: Callable[[str, str], str | None]) -> None:
        self._records = Records(records_dir)
        self._repos = repos
        self._page_url = page_url

    async def open(self, repo: RepoConfig, proposal: Proposal) -> PullRequest:
        there = self._records.find(repo, proposal.branch)
        if there and there.pull_request.state == "merged":
            if there.pull_request.head_sha == proposal.head_sha:
                return there.pull_request
            raise ForgeError("local", "open", f"{proposal.branch} was merged already; start a new attempt")
        branch, head = proposal.branch, proposal.head_sha
        shown = PullRequest(id=branch, url=self._page_url(repo.name, branch), branch=branch, head_sha=head)
        facts = proposal.model_dump(include={"base_branch", "base_sha", "title", "body"})
        self._records.save(repo, Record(repo=repo.name, pull_request=shown, **facts))
        log.info("pull_request_opened", repo=repo.name, branch=branch, head=head, adopted=there is not None)
        return shown

    async def look(self, repo: RepoConfig, pull_request: PullRequest) -> PullRequest:
        return self._record(repo, pull_request).pull_request

    async def close(self, repo: RepoConfig, pull_request: PullRequest) -> None:
        record = self._record(repo, pull_request)
        if record.pull_request.state != "open":
            return
        with _as_forge_errors("close"):
            base = await self._repos.refresh(repo)
            by_hand = await self._repos.contains(repo, base.sha, record.pull_request.head_sha)
        if by_hand:
            self._merged(repo, record, base.sha)
            return
        self._save(repo, record, state="closed")
        log.info("pull_request_closed", repo=repo.name, branch=pull_request.branch)

    async def land(
        self,
        repo: RepoConfig,
        pull_request: PullRequest,
        *,
        base_branch: str,
        base_sha: str,
        head_sha: str,
        message: CommitMessage,
    ) -> str:
        record = self._record(repo, pull_request)
        _refuse_what_was_not_approved(record, head_sha)
        if record.landed_sha:
            return record.landed_sha
        with _as_forge_errors("land"):
            landed = await self._landed_already(repo, record, base_branch, base_sha)
            return landed or await self._merge_and_push(repo, record, base_branch, base_sha, message)

    async def _landed_already(self, repo: RepoConfig, record: Record, base_branch: str, base_sha: str) -> str | None:
        """What an earlier try, or somebody else, landed. Raises BaseMoved when the base is not where it was."""
        base = await self._repos.refresh(repo)
        for sha, landed in ((record.landing_sha, record.landing_sha), (record.pull_request.head_sha, base.sha)):
            if sha and await self._repos.contains(repo, base.sha, sha):
                return self._merged(repo, record, landed or base.sha)
        if (base.branch, base.sha) != (base_branch, base_sha):
            raise BaseMoved("local", "land", f"{base_branch} moved; the change must be checked on what is there now")
        return None

    async def _merge_and_push(
        self, repo: RepoConfig, record: Record, base_branch: str, base_sha: str, message: CommitMessage
    ) -> str:
        head_sha = record.pull_request.head_sha
        merged = await self._repos.merge(repo, base_sha, head_sha, message)
        if isinstance(merged, Conflict):
            files = ", ".join(merged.files)
            raise ForgeError("local", "land", f"it conflicts with {base_branch} in {files}; rework it")
        await self._refuse_another_tree(repo, base_sha, head_sha, merged.sha)
        # Written before the push: after a crash in between, this very commit is looked for.
        record = self._records.save(repo, record.model_copy(update={"landing_sha": merged.sha}))
        try:
            await self._repos.push(repo, merged.sha, base_branch, expected=base_sha)
        except BaseMoved:
            if landed := await self._landed_already(repo, record, base_branch, base_sha):
                return landed
            raise
        return self._merged(repo, record, merged.sha)

    async def _refuse_another_tree(self, repo: RepoConfig, base_sha: str, head_sha: str, merged_sha: str) -> None:
        """A head that already holds the base must land as it is, to the byte."""
        if not await self._repos.contains(repo, head_sha, base_sha):
            return
        difference = await self._repos.compare(repo, head_sha, merged_sha)
        if difference.stat.files:
            raise ForgeError("local", "land", "the merge is not what was approved; nothing was landed, rework it")

    def _merged(self, repo: RepoConfig, record: Record, landed_sha: str) -> str:
        self._save(repo, record.model_copy(update={"landed_sha": landed_sha}), state="merged")
        log.info("pull_request_merged", repo=repo.name, branch=record.pull_request.branch, sha=landed_sha)
        return landed_sha

    def _save(self, repo: RepoConfig, record: Record, state: str) -> None:
        pull_request = record.pull_request.model_copy(update={"state": state})
        self._records.save(repo, record.model_copy(update={"pull_request": pull_request}))

    def _record(self, repo: RepoConfig, pull_request: PullRequest) -> Record:
        record = self._records.find(repo, pull_request.branch)
        if record is None:
            raise ForgeError(
                "local", "look", f"there is no pull request for {pull_request.branch}; start a new attempt"
            )
        return record


def _refuse_what_was_not_approved(record: Record, head_sha: str) -> None:
    shown = record.pull_request
    if shown.head_sha != head_sha:
        reason = f"{shown.branch} is at {shown.head_sha[:12]} and {head_sha[:12]} was approved; look at it again"
        raise ForgeError("local", "land", reason)
    if shown.state == "closed":
        raise ForgeError("local", "land", f"the pull request of {shown.branch} was closed; start a new attempt")


@contextmanager
def _as_forge_errors(operation: str) -> Iterator[None]:
    try:
        yield
    except RepoError as error:
        raise ForgeError("local", operation, error.reason, retryable=error.retryable, unknown=error.unknown) from error
