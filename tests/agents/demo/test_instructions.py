"""The instruction forms, as people write them in Slack."""

import pytest

from slackbot.agents.demo.instructions import Instruction, instructions


def _write(file: str, text: str) -> Instruction:
    return Instruction(verb="write", file=file, text=text)


@pytest.mark.parametrize(
    ("request_text", "found"),
    [
        ("write a.txt: hello", [_write("a.txt", "hello")]),
        ("Write `a.txt`: hello: you", [_write("a.txt", "hello: you")]),
        ("<@U0BOT> write a.txt: hi", [_write("a.txt", "hi")]),
        ("@pitcrew please write a.txt: hi", [_write("a.txt", "hi")]),
        ("hey <@U0BOT|pitcrew>, in shop/checkout: write a.txt: hi", [_write("a.txt", "hi")]),
        ("shop/checkout: please write a.txt: hi", [_write("a.txt", "hi")]),
        ("in shop write a.txt: hi", [_write("a.txt", "hi")]),
        ("write <http://README.md|README.md>: hi", [_write("README.md", "hi")]),
        ("write a.txt:", [_write("a.txt", "")]),
        (
            "write a.txt:\n```\none\n  two\n```\nsay done",
            [_write("a.txt", "one\n  two"), Instruction(verb="say", text="done")],
        ),
        ("write a.txt: ```\none\n```", [_write("a.txt", "one")]),
        ("write a.txt:\n\n```python\none```", [_write("a.txt", "one")]),
        ("write a.txt:\n```\nnever closed", [_write("a.txt", "never closed")]),
        ("write a.txt:\nsay hi", [_write("a.txt", ""), Instruction(verb="say", text="hi")]),
        (
            "- append a: x\n2. delete b",
            [Instruction(verb="append", file="a", text="x"), Instruction(verb="delete", file="b")],
        ),
        ("replace a: old text => new", [Instruction(verb="replace", file="a", text="old text", new="new")]),
        ("replace a: old =&gt; new", [Instruction(verb="replace", file="a", text="old", new="new")]),
        ("replace a: old =>", [Instruction(verb="replace", file="a", text="old")]),
        ("run echo a; echo b", [Instruction(verb="run", text="echo a; echo b")]),
        ("plan A; B; C", [Instruction(verb="plan", text="A; B; C")]),
        ("wait 2.5 s\nwait 3", [Instruction(verb="wait", text="2.5"), Instruction(verb="wait", text="3")]),
        (
            "fail\nexit 3\nsilent",
            [Instruction(verb="fail"), Instruction(verb="exit", text="3"), Instruction(verb="silent")],
        ),
        ("fail fast, please", []),
        ("write a poem", []),
        ("what does write do?", []),
        ("write two words: no", []),
        ("", []),
    ],
)
def test_a_line_is_an_instruction_or_nothing(request_text: str, found: list[Instruction]) -> None:
    assert list(instructions(request_text)) == found
