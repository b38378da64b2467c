"""Skills are read from folders, and every fault of every folder is named at once."""

from pathlib import Path

import pytest

from slackbot.bundled import bundled
from slackbot.core.errors import ConfigurationError
from slackbot.skills import SkillFolder

GOOD = "---\nname: {name}\ndescription: Use it when it fits.\n---\n\n# How\n\nDo it.\n"


def write(root: Path, folder: str, text: str | None) -> Path:
    (root / folder).mkdir(parents=True)
    if text is not None:
        (root / folder / "SKILL.md").write_text(text, encoding="utf-8")
    return root


def faults(root: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        SkillFolder(root)
    return caught.value.faults


def test_skills_are_listed_by_name_with_their_instructions(tmp_path: Path) -> None:
    write(tmp_path, "zebra", GOOD.format(name="zebra"))
    write(tmp_path, "ant-hill", GOOD.format(name="ant-hill").replace("\n", "\r\n"))
    (tmp_path / "README.md").write_text("not a skill")
    (tmp_path / ".git").mkdir()

    ant, zebra = SkillFolder(tmp_path).catalogue()

    assert (ant.name, zebra.name) == ("ant-hill", "zebra")
    assert ant.description == "Use it when it fits."
    assert ant.text == "# How\n\nDo it.\n"
    assert ant.path == tmp_path / "ant-hill"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, "no such file"),
        ("# How\nDo it.\n", "no front matter"),
        ("---\nname: a\ndescription: d\n# How\n", "no front matter"),
        ("---\n---\nDo it.\n", "no keys"),
        ("---\n- name\n---\nDo it.\n", "no keys"),
        ("---\nname: a\ndescription: Use: this\n---\nDo it.\n", "not YAML (line 3)"),
        ("---\nname: !!python/object/apply:os.getcwd []\ndescription: d\n---\nDo it.\n", "not YAML"),
        ("---\ndescription: d\n---\nDo it.\n", "no name"),
        ("---\nname: 7\ndescription: d\n---\nDo it.\n", "no name"),
        ("---\nname: b\ndescription: d\n---\nDo it.\n", "'b' is not the folder's"),
        ("---\nname: ../a\ndescription: d\n---\nDo it.\n", "'../a' is not a skill's name"),
        ("---\nname: a\n---\nDo it.\n", "no description"),
        ("---\nname: a\ndescription: '  '\n---\nDo it.\n", "no description"),
        (f"---\nname: a\ndescription: {'x' * 1025}\n---\nDo it.\n", "1025 characters"),
        ("---\nname: a\ndescription: d\n---\n\n", "no instructions"),
        ("---\nname: a\ndescription: d\n---", "no instructions"),
    ],
)
def test_what_is_no_skill_is_named_with_its_file(tmp_path: Path, text: str | None, named: str) -> None:
    (fault,) = faults(write(tmp_path, "a", text))
    assert fault.startswith(str(tmp_path / "a" / "SKILL.md"))
    assert named in fault


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (write(tmp_path, "a", "") / "a" / "SKILL.md").write_bytes(b"---\nname: \xff\n---\n")
    assert "not UTF-8" in faults(tmp_path)[0]


def test_two_folders_with_one_name_are_both_visible_in_the_fault(tmp_path: Path) -> None:
    write(tmp_path, "a", GOOD.format(name="a"))
    write(tmp_path, "b", GOOD.format(name="a"))
    (fault,) = faults(tmp_path)
    assert f"taken by {tmp_path / 'a'}" in fault


def test_the_faults_of_all_folders_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a", "nothing")
    write(tmp_path, "b", GOOD.format(name="b"))
    write(tmp_path, "c", "---\nname: d\n---\n")
    first, second = faults(tmp_path)
    assert "no front matter" in first
    assert all(words in second for words in ("not the folder's", "no description", "no instructions"))


def test_a_missing_root_is_a_fault(tmp_path: Path) -> None:
    assert "no such folder" in faults(tmp_path / "skills")[0]


def test_our_own_skills_load() -> None:
    assert [skill.name for skill in SkillFolder(bundled("skills")).catalogue()] == [
        "fix-a-page",
        "rework",
        "write-docs",
    ]
