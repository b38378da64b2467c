"""An upgrade with flows in flight: the version is pinned, so they go on; a changed flow asks `patched` first."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.fakes.processes import comes_true

pytestmark = pytest.mark.journey  # real processes: seconds, not milliseconds

PROGRAM, CHECKOUT = Path(__file__).with_name("upgraded.py"), Path(__file__).parents[2]


async def test_a_flow_that_began_before_the_upgrade_ends_as_it_began_and_new_ones_follow_the_change(
    tmp_path: Path,
) -> None:
    old = await _start(tmp_path, "old", "in-flight")
    await comes_true((tmp_path / "old-waits").exists, 20)
    old.kill()
    await old.wait()
    (tmp_path / "gate").touch()
    new = await _start(tmp_path, "new", "in-flight", "fresh")
    assert await asyncio.wait_for(new.wait(), 30) == 0
    steps = (tmp_path / "steps").read_text().splitlines()
    assert steps[:3] == ["old first", "old middle", "new last"]
    assert steps[3:] == ["new first", "new between", "new middle", "new last"]


async def _start(folder: Path, version: str, *flows: str) -> asyncio.subprocess.Process:
    url = f"sqlite:///{folder / 'engine.db'}"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(CHECKOUT), "HOME": str(folder)}
    return await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), url, str(folder), version, *flows, env=environment, cwd=CHECKOUT
    )
