"""Errors are kept by the engine and come back after a restart as they were."""

import pickle

import pytest

from slackbot.core import errors

MADE = [
    errors.PitcrewError("Something is wrong; try again."),
    errors.ConfigurationError(["one fault", "another"]),
    errors.PersonError("Name a repository."),
    errors.AgentDied("The agent ended.", "the whole story"),
    errors.ChatError("Slack", "chat.postMessage", "no answer", retryable=True, unknown=True),
    errors.RepoError("shop/checkout", "push", "its own rules refused it"),
    errors.BaseMoved("local", "land", "main moved"),
    errors.StoreUnavailable("The database is away."),
]


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_after_a_restart(error: errors.PitcrewError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)
