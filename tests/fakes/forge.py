"""A forge in memory: it remembers what was asked and fails on request."""

from slackbot.core.config import RepoConfig
from slackbot.core.errors import BaseMoved, ForgeError
from slackbot.core.ports import CommitMessage, Proposal
from slackbot.core.task import PullRequest


class FakeForge:
    """Implements `Forge`. `bases` says where default branches stand; `calls` what was asked, oldest first."""

    def __init__(self) -> None:
        self.bases: dict[str, str] = {}  # repository name -> SHA; one that is missing is wherever it is expected
        self.pull_requests: dict[tuple[str, str], PullRequest] = {}
        self.proposals: list[Proposal] = []
        self.landed: dict[tuple[str, str], str] = {}
        self.messages: list[CommitMessage] = []
        self.calls: list[tuple[str, str, str]] = []
        self._failures: dict[str, list[Exception]] = {}

    def fail_next(self, operation: str, error: Exception) -> None:
        """Let the next call of open, look, close or land raise this."""
        self._failures.setdefault(operation, []).append(error)

    async def open(self, repo: RepoConfig, proposal: Proposal) -> PullRequest:
        self._begin("open", repo, proposal.branch)
        key = (repo.name, proposal.branch)
        there = self.pull_requests.get(key)
        if there and there.state == "merged":
            if there.head_sha == proposal.head_sha:
                return there
            raise ForgeError("fake", "open", "it was merged already; start a new attempt")
        self.proposals.append(proposal)
        url = f"https://forge.invalid/{repo.name}/{proposal.branch}"
        shown = PullRequest(id=proposal.branch, url=url, branch=proposal.branch, head_sha=proposal.head_sha)
        self.pull_requests[key] = shown
        return shown

    async def look(self, repo: RepoConfig, pull_request: PullRequest) -> PullRequest:
        self._begin("look", repo, pull_request.branch)
        return self._there(repo, pull_request)

    async def close(self, repo: RepoConfig, pull_request: PullRequest) -> None:
        self._begin("close", repo, pull_request.branch)
        if self._there(repo, pull_request).state == "open":
            self._set(repo, pull_request, "closed")

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
        self._begin("land", repo, pull_request.branch)
        there = self._there(repo, pull_request)
        if there.head_sha != head_sha or there.state == "closed":
            raise ForgeError("fake", "land", "that is not what was approved; look at it again")
        key = (repo.name, pull_request.branch)
        if key in self.landed:
            return self.landed[key]
        if self.bases.get(repo.name, base_sha) != base_sha:
            raise BaseMoved("fake", "land", f"{base_branch} moved; check the change on what is there now")
        self.landed[key] = self.bases[repo.name] = f"{len(self.landed) + 1:040x}"
        self.messages.append(message)
        self._set(repo, pull_request, "merged")
        return self.landed[key]

    def _begin(self, operation: str, repo: RepoConfig, branch: str) -> None:
        self.calls.append((operation, repo.name, branch))
        if self._failures.get(operation):
            raise self._failures[operation].pop(0)

    def _there(self, repo: RepoConfig, pull_request: PullRequest) -> PullRequest:
        key = (repo.name, pull_request.branch)
        if key not in self.pull_requests:
            raise ForgeError("fake", "look", "there is no such pull request; start a new attempt")
        return self.pull_requests[key]

    def _set(self, repo: RepoConfig, pull_request: PullRequest, state: str) -> None:
        key = (repo.name, pull_request.branch)
        self.pull_requests[key] = self.pull_requests[key].model_copy(update={"state": state})
