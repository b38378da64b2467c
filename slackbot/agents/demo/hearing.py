"""What a prompt holds for the demo agent: the sections that `slackbot.skills`' templates mark with tags."""

import re

from slackbot.core.model import Frozen

# What was said before the request is context, not an order.
_THREAD = re.compile(r"^<thread>$.*?^</thread>$", re.DOTALL | re.MULTILINE)


class Heard(Frozen):
    """`messages`: what people said to the agent after the request; only a prompt that steers has them."""

    request: str = ""
    feedback: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    check_failed: bool = False
    conflict: bool = False


def hear(prompt: str) -> Heard:
    """The sections of a prompt; a prompt without any is a request as a whole."""
    request = _sections(prompt, "request")
    messages = _sections(_THREAD.sub("", prompt), "message", without='for_you="no"')
    check_failed = bool(_sections(prompt, "check_output"))
    marked = request or messages or check_failed
    return Heard(
        request=request[-1] if request else "" if marked else prompt,
        feedback=tuple(_sections(prompt, "feedback")),
        messages=tuple(messages),
        check_failed=check_failed,
        conflict=bool(_sections(prompt, "files")),
    )


def _sections(prompt: str, tag: str, without: str = "") -> list[str]:
    """The texts between `<tag …>` and `</tag>`, each on a line of its own, except where the tag says `without`."""
    found = re.findall(rf"^<{tag}(| [^\n]*)>\n(.*?)\n?^</{tag}>$", prompt, re.DOTALL | re.MULTILINE)
    return [text for attributes, text in found if not without or without not in attributes]
