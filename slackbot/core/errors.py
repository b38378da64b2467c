"""Every error that crosses a room's door. Adapters translate: no httpx, git, Slack or SQL error leaves its room.

PitcrewError
├── ConfigurationError     the operator's files or variables; lists every fault at once
├── PersonError            what a person did; `sentence` is shown in the thread, with a next step
├── RefusedByPolicy        what a rule forbids; `sentence` is shown to whoever tried
├── AgentError             the agent's turn came to a bad end
│   ├── AgentMissing       its program is not there or does not start
│   ├── AgentDied          its process ended in the middle of a turn
│   ├── AgentTimedOut      the turn hit its wall-time limit, or it was silent for too long
│   ├── AgentFlooded       it wrote more than its output limit
│   └── AgentGarbled       what it wrote is not the protocol
├── OutsideError           what the outside world did: service, operation, retryable
│   ├── ChatError          Slack refused or did not answer
│   │   ├── ThreadGone     the channel is archived, or the bot is not in it
│   │   └── CardGone       the message to edit was deleted
│   ├── RepoError          git or the repository refused (empty, no default branch, unreachable)
│   └── ForgeError         the forge refused
│       └── BaseMoved      the default branch is no longer at the SHA that was expected
├── StoreConflict          another process wrote first; look again
└── StoreUnavailable       the database is away
"""


class PitcrewError(Exception):
    """The root; `sentence` can be shown to a person: one sentence and a next step, no internals."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __reduce__(self) -> tuple[object, ...]:
        # The engine keeps a step's error pickled; the default way calls __init__ with `args`, which differ from child
        # to child, so that a flow would go on after a restart with a TypeError instead.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[PitcrewError], args: tuple[object, ...], facts: dict[str, object]) -> PitcrewError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error


class ConfigurationError(PitcrewError):
    """The configuration cannot be used; `faults` names every fault, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class PersonError(PitcrewError):
    """What a person asked for cannot be done as asked."""


class RefusedByPolicy(PitcrewError):
    """A rule says no."""


class AgentError(PitcrewError):
    """The agent's turn came to a bad end; `story` is for the log and the session page."""

    def __init__(self, sentence: str, story: str = "") -> None:
        super().__init__(sentence)
        self.story = story


class AgentMissing(AgentError):
    """The agent's program is not there or does not start."""


class AgentDied(AgentError):
    """The agent's process ended in the middle of a turn."""


class AgentTimedOut(AgentError):
    """The turn hit its wall-time limit, or the agent was silent for too long."""


class AgentFlooded(AgentError):
    """The agent wrote more than its output limit."""


class AgentGarbled(AgentError):
    """What the agent wrote is not the protocol."""


class OutsideError(PitcrewError):
    """The outside world said no or nothing.

    `retryable`: the same call may go through later. `unknown`: it may have had its effect, look before repeating.
    """

    def __init__(
        self, service: str, operation: str, reason: str, *, retryable: bool = False, unknown: bool = False
    ) -> None:
        super().__init__(f"{service} {operation}: {reason}")
        self.service = service
        self.operation = operation
        self.reason = reason
        self.retryable = retryable
        self.unknown = unknown


class ChatError(OutsideError):
    """Slack refused or did not answer."""


class ThreadGone(ChatError):
    """Nothing can be posted there: archived, deleted, or the bot was removed."""


class CardGone(ChatError):
    """The message to edit is no longer there."""


class RepoError(OutsideError):
    """Git or the repository refused."""


class ForgeError(OutsideError):
    """The forge refused."""


class BaseMoved(ForgeError):
    """The default branch is no longer where it was expected; nothing was landed."""


class StoreConflict(PitcrewError):
    """Another process wrote first; nothing was written, look again."""


class StoreUnavailable(PitcrewError):
    """The database is away; nothing was written."""
