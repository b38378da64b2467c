"""Owns the readable text of messages, blocks and modals, for transcripts and error messages; changes nothing."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from slackbot.playground.markup import unescaped
from slackbot.playground.model import Message, View
from slackbot.playground.wire import Json

if TYPE_CHECKING:
    from slackbot.playground.workspace import Workspace

MARKS = {"pending": "[ ]", "in_progress": "[>]", "complete": "[x]", "error": "[!]"}


def readable(workspace: "Workspace", channel_id: str | None = None, ts: str | None = None) -> str:
    """A thread, a channel or the whole workspace as text."""
    wanted = [channel_id] if channel_id else list(workspace.channels)
    lines: list[str] = []
    for name in wanted:
        lines += _channel_lines(workspace, name, ts)
    views = (view for view in workspace.views.values() if channel_id is None)
    lines += [line for view in views for line in view_lines(view)]
    return "\n".join(lines)


def _channel_lines(workspace: "Workspace", channel_id: str, ts: str | None) -> Iterator[str]:
    channel = workspace.channels[channel_id]
    yield f"#{channel.name or channel.im_user} ({channel.id})" + (" archived" if channel.archived else "")
    hidden = [message for message in workspace.messages.ephemeral if message.channel == channel_id]
    for root in workspace.messages.top_level(channel_id):
        if ts in (None, root.ts):
            thread = workspace.messages.thread(channel_id, root.ts)
            thread += [message for message in hidden if message.thread_ts == root.ts]
            for message in thread:
                yield from _message_lines(workspace, message, indent="    " if message.thread_ts else "  ")
    for message in hidden:
        if message.thread_ts is None and ts is None:
            yield from _message_lines(workspace, message, indent="  ")


def _message_lines(workspace: "Workspace", message: Message, indent: str) -> Iterator[str]:
    marks = [f"edited {message.edits}x"] if message.edits else []
    marks += [f"only {message.ephemeral_for} sees this"] if message.ephemeral_for else []
    yield f"{indent}{workspace.name_of(message)} [{message.ts}]" + (f" ({', '.join(marks)})" if marks else "")
    for line in message_text(message).splitlines():
        yield f"{indent}  {line}"


def message_text(message: Message) -> str:
    """What a person reads: the blocks where there are any, else the text; then attachments and files."""
    lines = list(block_lines(message.blocks)) if message.blocks else [unescaped(message.text)]
    if message.tombstone:
        lines = ["This message was deleted."]
    for attachment in message.attachments:
        shown = [str(attachment[key]) for key in ("pretext", "title", "text") if attachment.get(key)]
        shown += [f"{field.get('title', '')}: {field.get('value', '')}" for field in attachment.get("fields", ())]
        shown += block_lines(attachment.get("blocks", ()))
        lines += [f"| {unescaped(line)}" for line in shown or [str(attachment.get("fallback", ""))]]
    lines += [f"(file: {file.name})" for file in message.files]
    return "\n".join(lines)


def view_lines(view: View) -> Iterator[str]:
    title = view.view.get("title", {}).get("text", "")
    yield f"modal {title!r} ({view.id}) for {view.user}"
    yield from (f"  {line}" for line in block_lines(view.view.get("blocks", ())))


def block_lines(blocks: Iterable[Json]) -> Iterator[str]:
    for block in blocks:
        yield from _block(block)


def _block(block: Json) -> Iterator[str]:
    match block.get("type"):
        case "section":
            yield from (_plain(part) for part in (block.get("text"), *(block.get("fields") or ())) if part)
            yield from ([_element(block["accessory"])] if block.get("accessory") else [])
        case "header":
            yield f"== {_plain(block.get('text'))} =="
        case "markdown":
            yield str(block.get("text", ""))
        case "divider":
            yield "---"
        case "actions":
            yield " ".join(_element(element) for element in block.get("elements", ()))
        case "context":
            yield " · ".join(_plain(element) for element in block.get("elements", ()))
        case "input":
            yield f"{_plain(block.get('label'))}: {_element(block.get('element', {}))}"
        case "plan":
            yield str(block.get("title", ""))
            for task in block.get("tasks") or ():
                yield from _task(task)
        case "task_card":
            yield from _task(block)
        case "image":
            yield f"(image: {block.get('alt_text', '')})"
        case _:
            yield from _rich(block)


def _task(task: Json) -> Iterator[str]:
    yield f"{MARKS.get(str(task.get('status')), '[ ]')} {task.get('title', '')}"
    for part in ("details", "output"):
        yield from (f"    {line}" for line in _rich(task.get(part) or {}))


def _rich(block: Json) -> Iterator[str]:
    text = "".join(_rich_text(element) for element in block.get("elements", ()))
    yield from text.splitlines()


def _rich_text(node: Json) -> str:
    if node.get("type") == "user":
        return f"<@{node.get('user_id')}>"
    inner = "".join(_rich_text(child) for child in node.get("elements", ()))
    ends = "\n" if str(node.get("type", "")).startswith("rich_text_") else ""
    return str(node.get("text") or node.get("url") or "") + inner + ends


def _plain(text: object) -> str:
    if not isinstance(text, dict):
        return str(text or "")
    shown = str(text.get("text") or text.get("alt_text") or "")
    return shown if text.get("type") == "plain_text" else unescaped(shown)


def _element(element: Json) -> str:
    shown = _plain(element.get("text") or element.get("placeholder") or element.get("alt_text"))
    options = ", ".join(_plain(option.get("text")) for option in element.get("options") or ())
    return f"[{shown or element.get('action_id', element.get('type', ''))}{': ' + options if options else ''}]"
