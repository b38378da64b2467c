"""slackbot.toml is read with every fault named at once, each on a line with its place and the next step."""

from pathlib import Path

import pytest

from slackbot.config_file import TABLES, load_config
from slackbot.core.errors import ConfigurationError

REPO = """
[agents.demo]
kind = "demo"
[[repos]]
name = "shop/checkout"
url = "/srv/checkout.git"
forge = "local"
agent = "demo"
check = "make test"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "slackbot.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_config(path)
    assert all("\n" not in fault for fault in caught.value.faults)
    return [fault.removeprefix(f"{path}: ") for fault in caught.value.faults]


def test_a_good_file_is_a_configuration(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, REPO + '[[channels]]\nid = "C1"\nrepos = ["shop/checkout"]\n'))
    assert config.repos[0].check == "make test"
    assert config.channel_repos("C1") == ("shop/checkout",)
    assert config.base_dir == tmp_path


def test_the_sample_is_a_good_file() -> None:
    config = load_config(Path(__file__).parents[1] / "slackbot.toml.sample")
    assert [repo.name for repo in config.repos] == ["shop/checkout"]


def test_the_sample_shows_every_key() -> None:
    sample = (Path(__file__).parents[1] / "slackbot.toml.sample").read_text()
    for table, model in TABLES.items():
        missing = [key for key in model.model_fields if f"{key} = " not in sample]
        assert not missing, f"[{table}] has keys that the sample does not show"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('name = "shop/checkout"\n', ""), "repos[0]: name: missing: add it"),
        (
            ('check = "make test"', 'chek = "make test"\ncheck = "x"'),
            "repos[0] shop/checkout: chek: unknown key: did you mean 'check'?",
        ),
        (
            ('check = "make test"', ""),
            'repos[0] shop/checkout has no check: add the command that must pass, such as check = "make test"',
        ),
        (('check = "make test"', 'check = "  "'), "repos[0] shop/checkout has no check"),
        (
            ('agent = "demo"', 'agent = "demi"'),
            "repos[0] shop/checkout names an unknown agent 'demi': it is one of demo",
        ),
        (
            ('forge = "local"', 'forge = "github"'),
            'repos[0] shop/checkout has forge = "github", which is not available',
        ),
        (('forge = "local"', 'forge = "gitlab"'), "repos[0] shop/checkout: forge: Input should be 'github' or 'local'"),
        (("[agents.demo]", 'colour = "red"\n[agents.demo]'), "colour: unknown key: known are bot, agents, repos"),
        (("[agents.demo]", 'base_dir = "/"\n[agents.demo]'), "base_dir: unknown key: remove it"),
        (('kind = "demo"', 'kind = "codex"'), 'agents.demo: kind = "codex" is not available in this version'),
        (('kind = "demo"', 'kind = "acp"\nsandbox = "none"'), 'agents.demo: an agent of kind "acp" needs a command'),
        (('kind = "demo"', 'kind = "acp"\ncommand = ["x"]'), 'agents.demo: sandbox = "bwrap" is not available'),
        (('kind = "demo"', 'kind = "demo"\nsandbox = "bwrap"'), 'agents.demo: sandbox = "bwrap" is not available'),
        (('"shop/checkout"', '"shop/../checkout"'), "repos[0] shop/../checkout: name: 'shop/../checkout' is not a"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    (found,) = faults(write(tmp_path, REPO.replace(*change)))
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        ('review = "agents"', 'repos[0] shop/checkout has review = "agents", which is not available in this version'),
        ('reviewers = ["strict"]', "repos[0] shop/checkout lists reviewers, which is not available in this version"),
        ('approvers = ["@ann"]', "repos[0] shop/checkout has the approver '@ann', which is no Slack id"),
        ("check_budget_s = 0", "repos[0] shop/checkout: check_budget_s: Input should be greater than 0"),
        (
            '[[channels]]\nid = "C1"\nrepos = ["shop/cart"]',
            "channels[0] C1 names an unknown repository 'shop/cart': it is one of shop/checkout",
        ),
        ('[[channels]]\nid = "#general"', "channels[0] #general: id: String should match"),
        ('[[channels]]\nid = "C1"\n[[channels]]\nid = "C1"', "channels: 2 entries have id = 'C1': keep one"),
        (REPO.partition('kind = "demo"\n')[2], "repos: 2 entries have name = 'shop/checkout': keep one"),
        (
            '[[summaries]]\nname = "a"\nchannel = "C1"\n[[summaries]]\nname = "a"\nchannel = "C2"',
            "summaries: 2 entries have name = 'a': keep one",
        ),
        ('[[summaries]]\nname = "a"\nchannel = "C1"\nat = "9"', "summaries[0] a: at: '9' is not a time of day"),
        (
            '[[summaries]]\nname = "a"\nchannel = "C1"\ntimezone = "Mars/Base"',
            "summaries[0] a: timezone: 'Mars/Base' is",
        ),
        ('[[summaries]]\nname = "a"\nchannel = "C1"\ndays = "mon-fry"', "summaries[0] a: days: 'mon-fry' names no"),
        ('[web]\npublic_url = "pitcrew.example.com"', "web.public_url: 'pitcrew.example.com' is no address"),
        ("[web]\nport = 70000", "web.port: Input should be less than or equal to 65535"),
        (
            "[bot]\nmax_attempt_running = 3",
            "bot.max_attempt_running: unknown key: did you mean 'max_attempts_running'?",
        ),
    ],
)
def test_a_fault_in_an_addition_is_named_with_its_place(tmp_path: Path, added: str, fault: str) -> None:
    (found,) = faults(write(tmp_path, REPO + added))
    assert found.startswith(fault)


def test_every_fault_is_named_at_once_also_in_one_table(tmp_path: Path) -> None:
    text = (
        REPO.replace("make test", "").replace('agent = "demo"', 'agent = "x"\nchekc = 1') + '[[channels]]\nid = "?"\n'
    )
    found = faults(write(tmp_path, text))
    assert len(found) == 4
    for part in ("chekc: unknown key", "channels[0] ?: id", "has no check", "unknown agent 'x'"):
        assert any(part in fault for fault in found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[bot\n", "is not TOML: "),
        ("", "repos: none is configured"),
        ("repos = 3", "repos: "),
        ("repos = [3]", "repos[0]"),
        ("agents = 3", "agents: "),
        ("[agents]\ndemo = 3", "agents.demo: "),
    ],
)
def test_a_file_of_the_wrong_shape_is_a_fault_not_a_traceback(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(write(tmp_path, text))[0].startswith(fault)


def test_bad_toml_is_named_with_its_line(tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path, "[bot]\nmax_attempts_running = = 3\n"))
    assert "line 2" in found


def test_a_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    assert faults(tmp_path / "slackbot.toml") == ["no such file: copy slackbot.toml.sample to it and edit it"]


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xff\xfe")
    assert faults(path) == ["is not UTF-8 text: save it as UTF-8"]
