"""Owns what Slack accepts of text objects and of the elements inside blocks; knows no block."""

from collections.abc import Callable

from slackbot.playground.wire import Json

BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
BUTTON_URL = 3_000
ACTION_ID = 255
PLACEHOLDER = 150
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OVERFLOW_OPTIONS = 5
INITIAL_TEXT = 3_000
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
STYLES = ("primary", "danger")
TEXT_KINDS = ("plain_text", "mrkdwn")
# Accepted by their type and action_id alone.
OTHER_KINDS = frozenset(
    {
        "checkboxes",
        "channels_select",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "feedback_buttons",
        "file_input",
        "icon_button",
        "image",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_users_select",
        "number_input",
        "rich_text_input",
        "timepicker",
        "url_text_input",
        "users_select",
        "workflow_button",
        "url",
    }
)


def missing(field: str, at: str) -> list[str]:
    return [f"missing required field: {field} [json-pointer:{at}]"]


def length_fault(text: object, most: int, at: str) -> list[str]:
    if text is None:
        return []
    if not isinstance(text, str):
        return [f"must be a string [json-pointer:{at}]"]
    return [f"must be less than {most + 1} characters [json-pointer:{at}]"] if len(text) > most else []


def text_faults(text: object, at: str, most: int, kinds: tuple[str, ...] = TEXT_KINDS) -> list[str]:
    """Faults of a text object; empty text counts as one."""
    if not isinstance(text, dict):
        return [f"must provide an object [json-pointer:{at}]"]
    if text.get("type") not in kinds:
        return [f"must be one of: {', '.join(kinds)} [json-pointer:{at}/type]"]
    if not isinstance(text.get("text"), str) or not text["text"]:
        return [f"must be more than 0 characters [json-pointer:{at}/text]"]
    return length_fault(text["text"], most, f"{at}/text")


def element_faults(element: object, at: str) -> list[str]:
    if not isinstance(element, dict):
        return [f"must provide an object [json-pointer:{at}]"]
    kind = str(element.get("type", ""))
    check = CHECKS.get(kind)
    if check is None and kind not in OTHER_KINDS:
        return [f"unsupported type: {kind} [json-pointer:{at}/type]"]
    faults = length_fault(element.get("action_id"), ACTION_ID, f"{at}/action_id")
    faults += _confirm(element["confirm"], f"{at}/confirm") if "confirm" in element else []
    return faults + (check(element, at) if check else [])


def _button(element: Json, at: str) -> list[str]:
    faults = text_faults(element.get("text"), f"{at}/text", BUTTON_TEXT, kinds=("plain_text",))
    faults += length_fault(element.get("value"), BUTTON_VALUE, f"{at}/value")
    faults += length_fault(element.get("url"), BUTTON_URL, f"{at}/url")
    if "style" in element and element["style"] not in STYLES:
        faults.append(f"must be one of: {', '.join(STYLES)} [json-pointer:{at}/style]")
    return faults


def _select(element: Json, at: str) -> list[str]:
    faults = _placeholder(element, at)
    options = element.get("options") or [
        option for group in element.get("option_groups") or () for option in group.get("options", ())
    ]
    return faults + _options(options, OPTIONS, at)


def _overflow(element: Json, at: str) -> list[str]:
    return _options(element.get("options") or [], OVERFLOW_OPTIONS, at)


def _radio(element: Json, at: str) -> list[str]:
    return _options(element.get("options") or [], 10, at)


def _text_input(element: Json, at: str) -> list[str]:
    faults = _placeholder(element, at)
    return faults + length_fault(element.get("initial_value"), INITIAL_TEXT, f"{at}/initial_value")


def _placeholder(element: Json, at: str) -> list[str]:
    if "placeholder" not in element:
        return []
    return text_faults(element["placeholder"], f"{at}/placeholder", PLACEHOLDER, kinds=("plain_text",))


def _options(options: list[Json], most: int, at: str) -> list[str]:
    faults = [] if options else missing("options", at)
    if len(options) > most:
        faults.append(f"no more than {most} items allowed [json-pointer:{at}/options]")
    for number, option in enumerate(options):
        faults += text_faults(option.get("text"), f"{at}/options/{number}/text", OPTION_TEXT)
        faults += length_fault(option.get("value"), OPTION_VALUE, f"{at}/options/{number}/value")
    return faults


def _confirm(confirm: object, at: str) -> list[str]:
    if not isinstance(confirm, dict):
        return [f"must provide an object [json-pointer:{at}]"]
    shown = ((name, most) for name, most in CONFIRM.items() if name in confirm or name in ("title", "text"))
    return [fault for name, most in shown for fault in text_faults(confirm.get(name), f"{at}/{name}", most)]


CHECKS: dict[str, Callable[[Json, str], list[str]]] = {
    "button": _button,
    "static_select": _select,
    "multi_static_select": _select,
    "overflow": _overflow,
    "radio_buttons": _radio,
    "plain_text_input": _text_input,
}
