"""Owns which blocks Slack accepts: known types, required fields, counts and lengths; elements are in elements.py."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from slackbot.playground.elements import element_faults, length_fault, missing, text_faults
from slackbot.playground.wire import Json

Surface = Literal["message", "modal"]

SECTION_TEXT = 3_000
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
HEADER_TEXT = 150
MARKDOWN_TEXT = 12_000
ACTIONS = 25
CONTEXT_ELEMENTS = 10
LABEL = 2_000
BLOCK_ID = 255
TASK_STATUSES = ("pending", "in_progress", "complete", "error")

# Accepted as they are: their insides are not checked, because nothing of ours draws them.
UNCHECKED = frozenset(
    {"divider", "rich_text", "file", "video", "table", "context_actions", "alert", "card", "carousel"}
)
ONLY_IN_MESSAGES = frozenset({"markdown", "plan", "task_card", "table", "context_actions", "alert", "card", "carousel"})


def block_faults(blocks: Iterable[object], surface: Surface, at: str = "/blocks") -> list[str]:
    """What Slack's validator says of these blocks, with JSON pointers; empty when it accepts them."""
    faults: list[str] = []
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        where = f"{at}/{number}"
        if not isinstance(block, dict):
            faults.append(f"must provide an object [json-pointer:{where}]")
            continue
        faults += _one_block(block, surface, where)
        block_id = str(block.get("block_id", ""))
        if block_id and block_id in seen:
            faults.append(f"block_id {block_id} already exists [json-pointer:{where}/block_id]")
        seen.add(block_id)
    return faults


def _one_block(block: Json, surface: Surface, at: str) -> list[str]:
    kind = str(block.get("type", ""))
    check = CHECKS.get(kind)
    if (check is None and kind not in UNCHECKED) or (surface == "modal" and kind in ONLY_IN_MESSAGES):
        return [f"unsupported type: {kind} [json-pointer:{at}/type]"]
    faults = length_fault(block.get("block_id"), BLOCK_ID, f"{at}/block_id")
    return faults + (check(block, at) if check else [])


def _section(block: Json, at: str) -> list[str]:
    text, fields, accessory = block.get("text"), block.get("fields"), block.get("accessory")
    faults = [] if text or fields else missing("text", at)
    if text:
        faults += text_faults(text, f"{at}/text", SECTION_TEXT)
    for number, field in enumerate(fields or ()):
        faults += text_faults(field, f"{at}/fields/{number}", FIELD_TEXT)
    faults += _too_many(fields or (), SECTION_FIELDS, f"{at}/fields")
    return faults + (element_faults(accessory, f"{at}/accessory") if accessory else [])


def _header(block: Json, at: str) -> list[str]:
    return text_faults(block.get("text"), f"{at}/text", HEADER_TEXT, kinds=("plain_text",))


def _markdown(block: Json, at: str) -> list[str]:
    text = block.get("text")
    return length_fault(text, MARKDOWN_TEXT, f"{at}/text") if isinstance(text, str) and text else missing("text", at)


def _actions(block: Json, at: str) -> list[str]:
    elements = block.get("elements") or ()
    faults = [] if elements else missing("elements", at)
    faults += _too_many(elements, ACTIONS, f"{at}/elements")
    for number, element in enumerate(elements):
        faults += element_faults(element, f"{at}/elements/{number}")
    ids = [str(element["action_id"]) for element in elements if isinstance(element, dict) and element.get("action_id")]
    return faults + [
        f"action_id {name} already exists [json-pointer:{at}/elements]"
        for name in sorted(set(ids))
        if ids.count(name) > 1
    ]


def _context(block: Json, at: str) -> list[str]:
    elements = block.get("elements") or ()
    faults = [] if elements else missing("elements", at)
    faults += _too_many(elements, CONTEXT_ELEMENTS, f"{at}/elements")
    for number, element in enumerate(elements):
        where = f"{at}/elements/{number}"
        is_image = isinstance(element, dict) and element.get("type") == "image"
        faults += _image(element, where) if is_image else text_faults(element, where, SECTION_TEXT)
    return faults


def _image(block: Json, at: str) -> list[str]:
    faults = [] if block.get("image_url") or block.get("slack_file") else missing("image_url", at)
    return faults + ([] if block.get("alt_text") else missing("alt_text", at))


def _input(block: Json, at: str) -> list[str]:
    faults = text_faults(block.get("label"), f"{at}/label", LABEL, kinds=("plain_text",))
    element = block.get("element")
    return faults + (element_faults(element, f"{at}/element") if element else missing("element", at))


def _task_card(block: Json, at: str) -> list[str]:
    faults = [fault for name in ("task_id", "title") if not block.get(name) for fault in missing(name, at)]
    if block.get("status", "pending") not in TASK_STATUSES:
        faults.append(f"must be one of: {', '.join(TASK_STATUSES)} [json-pointer:{at}/status]")
    return faults


def _plan(block: Json, at: str) -> list[str]:
    faults = [] if block.get("title") else missing("title", at)
    for number, task in enumerate(block.get("tasks") or ()):
        faults += _task_card(task, f"{at}/tasks/{number}")
    return faults


def _too_many(items: Iterable[object], most: int, at: str) -> list[str]:
    return [f"no more than {most} items allowed [json-pointer:{at}]"] if len(list(items)) > most else []


CHECKS: dict[str, Callable[[Json, str], list[str]]] = {
    "section": _section,
    "header": _header,
    "markdown": _markdown,
    "actions": _actions,
    "context": _context,
    "image": _image,
    "input": _input,
    "task_card": _task_card,
    "plan": _plan,
}


def text_length(node: object) -> int:
    """The characters that people read in these blocks, as Slack adds them up."""
    if isinstance(node, dict):
        shown = (value for key, value in node.items() if key in ("text", "title") and isinstance(value, str))
        return sum(map(len, shown)) + sum(text_length(value) for value in node.values())
    return sum(map(text_length, node)) if isinstance(node, list | tuple) else 0


def interactive_elements(node: object, block_id: str = "") -> Iterator[tuple[str, Json]]:
    """(block_id, element) of everything that carries an action_id, in the order in which it is drawn."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from interactive_elements(item, block_id)
    elif isinstance(node, dict):
        inside = str(node.get("block_id", block_id))
        if "action_id" in node:
            yield inside, node
        for value in node.values():
            yield from interactive_elements(value, inside)


def with_ids(blocks: Iterable[Json], new_id: Callable[[], str]) -> tuple[Json, ...]:
    """The blocks as Slack keeps them: each with a block_id, each button with an action_id."""
    return tuple({**_with_action_ids(block, new_id), "block_id": block.get("block_id") or new_id()} for block in blocks)


def _with_action_ids(block: Json, new_id: Callable[[], str]) -> Json:
    if block.get("type") != "actions":
        return block
    elements = [{**element, "action_id": element.get("action_id") or new_id()} for element in block["elements"]]
    return {**block, "elements": elements}
