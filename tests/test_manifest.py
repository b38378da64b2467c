"""The manifest asks Slack for what the code uses: nothing is missing, nothing is asked for in vain."""

import ast
import inspect
import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.bundled import bundled

TOP = Path(__file__).parents[1]
SCHEMA = json.loads((TOP / "tests" / "manifest_schema.json").read_text())
MANIFEST = yaml.safe_load(bundled("manifest.yml").read_text())
# Only these talk to Slack.
PLACES = ("slackbot/*.py", "slackbot/chat/**/*.py", "slackbot/doctor/**/*.py", "handlers/**/*.py")
# The doctor sees more where an operator granted more than the manifest asks for, and says so where not.
WITHOUT_SCOPES = {"conversations.info"}

HISTORY = {"channels:history", "groups:history", "im:history", "mpim:history"}
SCOPES_OF_METHODS: dict[str, set[str]] = {
    "api.test": set(),
    "apps.connections.open": set(),  # the app-level token's
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": HISTORY,
    "conversations.info": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations.open": {"im:write", "mpim:write"},
    "conversations.replies": HISTORY,
    "reactions.add": {"reactions:write"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "users.list": {"users:read"},
    "views.open": set(),
    "views.update": set(),
}
SCOPES_OF_EVENTS = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}


def web_api() -> dict[str, str]:
    """Every Web API method that the SDK knows, by the name of the SDK's own method."""
    names = {}
    for node in ast.walk(ast.parse(inspect.getsource(AsyncWebClient).strip())):
        if isinstance(node, ast.AsyncFunctionDef):
            names[node.name] = next(
                (
                    call.args[0].value
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "api_call"
                    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
                ),
                node.name,
            )
    return names


WEB_API = web_api()


def calls(source: str) -> Iterator[str]:
    """The Web API methods that a source names, as a method of the SDK's client or as a text of its own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in WEB_API:
            yield WEB_API[node.attr]
        if isinstance(node, ast.Constant) and node.value in WEB_API.values():
            yield str(node.value)


def methods() -> set[str]:
    sources = [path.read_text(encoding="utf-8") for place in PLACES for path in TOP.glob(place)]
    return {method for source in sources for method in calls(source)}


def handled_events() -> set[str]:
    """What the modules of handlers/events listen to, by their EVENTS."""
    package = import_module("handlers.events")
    modules = [import_module(f"handlers.events.{found.name}") for found in pkgutil.iter_modules(package.__path__)]
    return {event for module in modules for event in module.EVENTS}


def scopes() -> set[str]:
    return set(MANIFEST["oauth_config"]["scopes"]["bot"])


def events() -> set[str]:
    return set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])


def test_the_manifest_is_one_that_slack_takes() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(MANIFEST)] == []


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("display_information", "name", "x" * 36),
        ("display_information", "nam", "pitcrew"),
        ("settings", "socket_mode_enabled", "yes"),
        ("oauth_config", "scopes", {"bot": ["chat"]}),
    ],
)
def test_a_wrong_manifest_is_noticed(part: str, key: str, value: object) -> None:
    wrong = {**MANIFEST, part: {**MANIFEST[part], key: value}}
    assert list(Draft7Validator(SCHEMA).iter_errors(wrong))


def test_every_method_that_the_code_calls_is_known_here() -> None:
    assert methods() - set(SCOPES_OF_METHODS) == set()


@pytest.mark.parametrize(
    ("source", "method"),
    [
        ("async def f(c): await c.users_info(user=1)", "users.info"),
        ("async def f(c): await c.api_call('views.open', json={})", "views.open"),
        ("METHOD = 'chat.update'", "chat.update"),
        ("post = client.chat_postMessage", "chat.postMessage"),
        ("async def f(c): await c.usergroups_users_list(usergroup=1)", "usergroups.users.list"),
    ],
)
def test_a_call_is_found_however_it_is_written(source: str, method: str) -> None:
    assert list(calls(source)) == [method]


def test_what_is_no_call_is_none() -> None:
    assert list(calls("log.info('card_posted', chat='chat'); self.task.update(1)")) == []


def test_no_scope_is_missing_and_none_is_asked_for_in_vain() -> None:
    needed = set().union(*(SCOPES_OF_METHODS[method] for method in methods() - WITHOUT_SCOPES))
    needed |= set().union(*(SCOPES_OF_EVENTS[event] for event in events()))
    assert scopes() == needed


def test_what_is_subscribed_to_is_what_is_handled() -> None:
    assert events() == handled_events()


def test_buttons_and_direct_messages_are_switched_on() -> None:
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]
    assert MANIFEST["settings"]["socket_mode_enabled"]
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"]
    assert not MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"]
