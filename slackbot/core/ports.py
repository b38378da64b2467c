"""What the flows ask of the wings. Each wing implements one of these and imports nothing but core."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from slackbot.core.agent import CommandResult, Report, TurnOrder, TurnResult
from slackbot.core.card import Card
from slackbot.core.config import RepoConfig
from slackbot.core.model import Frozen
from slackbot.core.person import Person
from slackbot.core.request import ButtonValue, MessageRequest
from slackbot.core.say import Said
from slackbot.core.task import DiffStat, MessageRef, PullRequest, TaskId, Thread, ThreadMessage


class Chat(Protocol):
    """Slack out. Every call may raise ChatError; posts carry `key` as metadata so that they can be found again."""

    async def post_card(self, thread: Thread, card: Card, key: str, *, look_first: bool) -> MessageRef:
        """Post a card under the thread. `look_first`: an earlier try may have posted it; adopt what is there."""

    async def update_card(self, ref: MessageRef, card: Card, *, urgent: bool) -> None:
        """Edit a card. Paced; `urgent` (state changes) goes before progress. Raises CardGone, ThreadGone."""

    async def post(self, thread: Thread, said: Said, key: str, *, look_first: bool) -> MessageRef:
        """Post one message into the thread; an unknown outcome is looked up before it is posted again."""

    async def post_answer(self, thread: Thread, answer: str, key: str, *, look_first: bool) -> MessageRef:
        """Post an agent's answer (untrusted Markdown), cut to Slack's limits."""

    async def post_in_channel(self, channel: str, sections: Sequence[Said], key: str) -> MessageRef:
        """Post a message of several sections at the top level of a channel."""

    async def tell(self, user: str, thread: Thread, said: Said) -> None:
        """Tell one person in the thread: only they see it, or everybody where Slack cannot do that."""

    async def ask_feedback(self, trigger_id: str, value: ButtonValue, title: str) -> None:
        """Open the rework modal. A trigger lives 3 s: ChatError with reason expired_trigger_id after that."""

    async def read_thread(self, thread: Thread, before_ts: str) -> list[ThreadMessage]:
        """The thread's messages before `before_ts`, oldest first, apps' attachments and blocks as text."""

    async def thread_since(self, thread: Thread, after_ts: str) -> list[MessageRequest]:
        """What people and other apps said in a thread after `after_ts`, oldest first; edited ones as they are now."""

    async def channel_since(self, channel: str, after_ts: str, begun_ts: str) -> list[MessageRequest]:
        """What was said in a channel after `after_ts`, oldest first: at its top level, and in its threads that began
        after `begun_ts`. Of a busy channel the newest 200 messages and their threads.
        """

    async def person(self, user: str) -> Person:
        """Who that is, at most 60 s old. Raises ChatError when the look-up fails."""

    async def group_members(self, group: str) -> frozenset[str]:
        """User ids of a user group, at most 60 s old. Raises ChatError when the look-up fails."""

    async def permalink(self, ref: MessageRef) -> str | None:
        """A link to the message; None where Slack gives none."""


class AgentRunner(Protocol):
    """Runs one turn of a coding agent. Cancelling the coroutine ends the agent and every process it started."""

    async def run(self, order: TurnOrder, report: Report) -> TurnResult:
        """Prompt the agent and wait for the end of its turn. Raises AgentError's children."""

    def describe(self, agent: str) -> str:
        """How the agent is called on the card, with "no AI" or "unboxed" where that holds."""


class Sandbox(Protocol):
    """Runs a repository's own commands where the agent runs: same box, same environment, no credentials."""

    async def run(self, agent: str, command: str, workspace: Path, home: Path, timeout_s: float) -> CommandResult:
        """Run a shell command in the workspace; nothing it started is alive afterwards."""


class Base(Frozen):
    """Where the default branch stands."""

    branch: str
    sha: str


class Taken(Frozen):
    """What the workspace holds, as a commit in the mirror. `base_sha` is what the diff is taken against."""

    base_sha: str
    head_sha: str
    diff: str
    diff_hash: str
    stat: DiffStat


class Merged(Frozen):
    """The merge of a head into a base, in the mirror only."""

    sha: str


class Conflict(Frozen):
    """The merge is not clean in these files."""

    files: tuple[str, ...]


class CommitMessage(Frozen):
    """`co_author` is "Name <address>" or None."""

    subject: str
    body: str = ""
    co_author: str | None = None

    def render(self) -> str:
        trailer = f"Co-authored-by: {self.co_author}" if self.co_author else ""
        return "\n\n".join(part for part in (self.subject, self.body, trailer) if part) + "\n"


class Repos(Protocol):
    """Mirrors, workspaces, commits, diffs, merges, pushes. Every call may raise RepoError and is safe to repeat."""

    async def refresh(self, repo: RepoConfig) -> Base:
        """Bring the mirror up to date (made on first use) and say where the default branch stands."""

    async def prepare(self, repo: RepoConfig, task: TaskId, attempt: int, sha: str) -> Path:
        """A fresh workspace of the attempt at `sha`; what was there is replaced."""

    def workspace(self, repo: RepoConfig, task: TaskId, attempt: int) -> Path:
        """Where the attempt's workspace is on this host; it may not be there."""

    async def stands_at(self, repo: RepoConfig, task: TaskId, attempt: int) -> str | None:
        """The commit that the workspace was laid out at or taken as last; None when it must be laid out anew."""

    def home(self, task: TaskId, attempt: int) -> Path:
        """The agent's HOME for this attempt, made when missing, outside every workspace."""

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
        """Stage the workspace's tree outside the box and commit it on the attempt's branch in the mirror.

        `parents`: those of the new commit; when there is one and the tree is the same as its tree, no commit
        is made and the head is parents[0]. None when nothing differs from `base_sha`.
        """

    async def compare(self, repo: RepoConfig, base_sha: str, head_sha: str) -> Taken:
        """The change between two commits of the mirror."""

    async def contains(self, repo: RepoConfig, sha: str, ancestor: str) -> bool:
        """Whether `ancestor` is reachable from `sha`."""

    async def merge(self, repo: RepoConfig, base_sha: str, head_sha: str, message: CommitMessage) -> Merged | Conflict:
        """Merge the head into the base, in the mirror: a commit with the parents (base, head)."""

    async def set_branch(self, repo: RepoConfig, branch: str, sha: str) -> None:
        """Point one of our branches in the mirror at a commit of the mirror, so that it is not lost."""

    async def prepare_conflict(
        self, repo: RepoConfig, task: TaskId, attempt: int, base_sha: str, head_sha: str
    ) -> tuple[str, ...]:
        """A fresh workspace at the head with the base merged in, conflict markers left; the files in conflict."""

    async def push(self, repo: RepoConfig, sha: str, branch: str, *, expected: str | None) -> None:
        """Put `sha` on a branch of the origin. `expected`: what the branch holds now (None: anything, ours to replace).

        Raises BaseMoved when `expected` is not what is there, unless it is already `sha`.
        """

    async def heads(self, repo: RepoConfig) -> dict[str, str]:
        """The branches that the origin has now, each with the SHA of its head."""

    async def delete_branch(self, repo: RepoConfig, branch: str) -> None:
        """Delete a branch at the origin; one that is not there is fine."""

    async def drop(self, repo: RepoConfig, task: TaskId, attempt: int) -> None:
        """Throw away the attempt's workspace and its branch in the mirror."""

    async def attempts(self, repo: RepoConfig) -> list[tuple[TaskId, int]]:
        """The attempts that have anything on this host: a workspace, a home, or a branch in the mirror."""

    async def maintain(self, repo: RepoConfig, unreachable_before: datetime) -> None:
        """Pack the mirror, and delete its objects that nothing reaches and that are older than that.

        What a workspace borrows, and what is being made right now, stays.
        """

    def close(self) -> None:
        """End what runs for this process; what it did half-way is repaired later."""


class Proposal(Frozen):
    """What a pull request says."""

    branch: str
    base_branch: str
    base_sha: str
    head_sha: str
    title: str
    body: str


class Forge(Protocol):
    """Where pull requests live. Every call may raise ForgeError and looks before it repeats."""

    async def open(self, repo: RepoConfig, proposal: Proposal) -> PullRequest:
        """Open a pull request, or adopt and update the open one of the same branch."""

    async def look(self, repo: RepoConfig, pull_request: PullRequest) -> PullRequest:
        """How it stands now."""

    async def close(self, repo: RepoConfig, pull_request: PullRequest) -> None:
        """Close it without merging; a closed one is fine."""

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
        """Merge exactly `head_sha` into the default branch while that is at `base_sha`; the landed commit's SHA.

        Adopts a merge that an earlier try made. Raises BaseMoved.
        """


class Skill(Frozen):
    """A folder with a SKILL.md. `path` is the folder, `text` the instructions after the front matter."""

    name: str
    description: str
    path: Path
    text: str


class Skills(Protocol):
    """The texts that agents read."""

    def catalogue(self) -> tuple[Skill, ...]:
        """Every skill, by name."""

    def lay(self, home: Path) -> None:
        """Lay the skills into an agent's HOME where agents look for them, replacing what is there."""

    def prompt(self, template: str, **facts: object) -> str:
        """Render one of the strict prompt templates; a missing fact is an error."""
