"""Turns that go well, and what the agent is told and given."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from slackbot.agents import AcpRunner
from slackbot.agents.listener import ANSWER_LIMIT
from slackbot.core.agent import AgentEvent, PlanChanged, PlanStep, StepChanged, TextSaid, TurnOrder
from slackbot.core.config import AgentConfig
from slackbot.core.errors import AgentError
from tests.agents.conftest import FAKE, Prompted


async def test_a_turn_changes_the_workspace_and_ends_with_an_answer(prompted: Prompted, workspace: Path) -> None:
    result = await prompted("write a.txt hello", "text I wrote ", "text a file.", "usage 42")
    assert (workspace / "a.txt").read_text() == "hello\n"
    assert (result.answer, result.tokens) == ("I wrotea file.", 42)


async def test_plan_steps_and_text_are_reported_as_they_come(prompted: Prompted, events: list[AgentEvent]) -> None:
    await prompted("text Let me see.", "plan Look; Repair", "step Edit client.py", "null-step", "text Done.")
    assert events == [
        TextSaid(text="Let me see."),
        PlanChanged(steps=(PlanStep(title="Look", status="in_progress"), PlanStep(title="Repair"))),
        StepChanged(title="Edit client.py"),
        TextSaid(text="\n\nDone."),
    ]


async def test_the_todos_of_a_tool_call_are_a_plan(prompted: Prompted, events: list[AgentEvent]) -> None:
    await prompted("todos Look; Repair")
    assert events == [PlanChanged(steps=(PlanStep(title="Look", status="completed"), PlanStep(title="Repair")))]


async def test_a_permission_without_a_title_is_granted_once(prompted: Prompted) -> None:
    result = await prompted("ask")
    assert json.loads(result.answer) == {"outcome": "selected", "optionId": "once"}


async def test_files_and_terminals_of_the_bot_are_refused(prompted: Prompted) -> None:
    methods = ["fs/read_text_file", "fs/write_text_file", "terminal/create", "terminal/output", "elicitation/create"]
    result = await prompted(*(f"try {method}" for method in methods))
    assert result.answer == "refused -32601" * len(methods)


@pytest.mark.parametrize("reason", ["end_turn", "max_tokens", "ran_out_of_coffee"])
async def test_a_turn_ends_with_any_stop_reason_that_is_no_refusal(prompted: Prompted, reason: str) -> None:
    assert (await prompted("text hello", f"stop {reason}")).answer == "hello"


async def test_the_agent_sees_an_allow_list_of_the_bots_variables(workspace: Path, home: Path) -> None:
    secrets = {"SLACK_BOT_TOKEN": "s", "SLACKBOT_DATABASE_URL": "s", "GITHUB_TOKEN": "s", "AWS_SECRET": "s"}
    given = {"PATH": "/usr/bin", "LANG": "C", "LC_TIME": "C", "TZ": "UTC", "MODEL_KEY": "k", "HOME": "/bot", **secrets}
    config = AgentConfig(kind="acp", command=FAKE, sandbox="none", env=("MODEL_KEY", "NOT_SET"))
    runner = AcpRunner({"mine": config}, given, workspace)
    order = TurnOrder(agent="mine", workspace=workspace, home=home, prompt="env seen.json")
    await runner.run(order, lambda _: None)
    seen = json.loads((workspace / "seen.json").read_text())
    seen.pop("LC_CTYPE", None)  # Python sets it for itself
    kept = {"PATH": "/usr/bin", "LANG": "C", "LC_TIME": "C", "TZ": "UTC", "MODEL_KEY": "k"}
    assert seen == {**kept, "HOME": str(home), "TMPDIR": str(home / "tmp")}
    assert (home / "tmp").is_dir()


async def test_a_program_beside_the_configuration_is_found_from_every_workspace(workspace: Path, home: Path) -> None:
    folder = workspace.parent / "config"
    (folder / "agents").mkdir(parents=True)
    shutil.copy(FAKE[-1], folder / "agents" / "mine.py")
    (folder / "agents" / "python").symlink_to(sys.executable)
    config = AgentConfig(kind="acp", command=("agents/python", "agents/mine.py"), sandbox="none")
    order = TurnOrder(agent="mine", workspace=workspace, home=home, prompt="text hello")
    assert (await AcpRunner({"mine": config}, {}, folder).run(order, lambda _: None)).answer == "hello"


async def test_long_answers_are_capped(prompted: Prompted, events: list[AgentEvent]) -> None:
    result = await prompted("text first", f"long {ANSWER_LIMIT}", "text last")
    assert len(result.answer) == ANSWER_LIMIT
    assert result.answer.startswith("firstx")
    assert len(events) == 2


async def test_a_line_of_ten_megabytes_is_read(prompted: Prompted) -> None:
    assert (await prompted("long 10000000", "text end")).answer.startswith("xxx")


async def test_noise_between_the_messages_is_skipped(prompted: Prompted) -> None:
    noise = ["raw Downloading…", "raw {broken", "raw [1, 2]", "raw 17", "raw {}", "raw", 'raw {"id": [], "result": 1}']
    noise += ['raw {"id": 2, "error": "no dictionary"}', 'raw {"method": 7}', "hex c3285c", "raw " + "[" * 100_000]
    noise += ['raw {"method": "session/update", "params": 3}', 'raw {"method": "unheard/of"}', 'raw {"id": "x"}']
    assert (await prompted(*noise, "text hello")).answer == "hello"


ODD_UPDATES: tuple[object, ...] = (
    {"sessionUpdate": "agent_message_chunk", "content": None},
    {"sessionUpdate": "agent_message_chunk", "content": {"type": "image", "data": "x"}},
    {"sessionUpdate": "plan", "entries": "none"},
    {"sessionUpdate": "plan", "entries": [{"content": 1}, 2, {"content": "Look", "status": ["odd"], "x": 1}]},
    {"sessionUpdate": "tool_call", "title": 7, "rawInput": "text"},
    {"sessionUpdate": "usage_update", "used": "many"},
    {"sessionUpdate": ["odd"]},
    {"sessionUpdate": "of tomorrow"},
    [],
)


async def test_updates_of_an_odd_shape_do_no_harm(prompted: Prompted) -> None:
    messages = ({"method": "session/update", "params": {"sessionId": "s1", "update": odd}} for odd in ODD_UPDATES)
    assert (await prompted(*(f"raw {json.dumps(message)}" for message in messages), "text hello")).answer == "hello"


async def test_text_that_no_database_can_hold_is_cleaned(prompted: Prompted, events: list[AgentEvent]) -> None:
    text = {"type": "text", "text": "a\0b\ud800c"}
    update = {"sessionUpdate": "agent_message_chunk", "content": text}
    message = {"jsonrpc": "2.0", "method": "session/update", "params": {"update": update}}
    assert (await prompted(f"raw {json.dumps(message)}")).answer == "a\N{REPLACEMENT CHARACTER}b?c"


async def test_invalid_utf_8_inside_a_message_costs_only_that_character(prompted: Prompted) -> None:
    head = b'{"method":"session/update","params":{"update":{"sessionUpdate":"agent_message_chunk","content":{"text":"a'
    line = head + b"\xffb" + b'"}}}}'
    assert (await prompted(f"hex {line.hex()}")).answer == "a\N{REPLACEMENT CHARACTER}b"


async def test_a_report_that_fails_ends_the_turn_with_its_error(workspace: Path, home: Path) -> None:
    def report(event: AgentEvent) -> None:
        raise LookupError("the card is gone")

    runner = AcpRunner({"mine": AgentConfig(kind="acp", command=FAKE, sandbox="none")}, {}, workspace)
    order = TurnOrder(agent="mine", workspace=workspace, home=home, prompt="text hello\nhang")
    with pytest.raises(LookupError, match="the card is gone"):
        await runner.run(order, report)


async def test_a_workspace_that_is_gone_is_an_agents_error(prompted: Prompted, workspace: Path) -> None:
    shutil.rmtree(workspace)
    with pytest.raises(AgentError, match="workspace is not there"):
        await prompted("text hello")
