"""What travels with the code is found in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from slackbot.bundled import bundled

TOP = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["skills", "migrations", "manifest.yml"])
def test_in_the_checkout_it_is_at_the_top(name: str) -> None:
    assert bundled(name) == TOP / name


def test_in_a_wheel_the_package_s_own_wins_over_a_neighbour(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "slackbot"
    (package / "_bundled" / "skills").mkdir(parents=True)
    (tmp_path / "site-packages" / "skills").mkdir()
    assert bundled("skills", package) == package / "_bundled" / "skills"


def test_what_is_nowhere_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"poems does not come with this installation .*install it again"):
        bundled("poems", tmp_path / "slackbot")
