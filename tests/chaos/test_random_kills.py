"""Several tasks at once in several threads, and a bot that is killed at random moments until they have all ended.

`--kills N` of them in all, in rounds of KILLS_A_ROUND, each on a stage of its own, every second one on Postgres where
there is one. `--seed S` is the first round's seed, the next round has S + 1; a failure tells its own.
"""

import asyncio
import random

import pytest

from tests.chaos import stories
from tests.chaos.nurse import nursed
from tests.chaos.order import settles
from tests.chaos.stories import Scene, Story
from tests.postgres import SERVER
from tests.stage import REPO, Stage

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

KILLS_A_ROUND = 5
STORIES: tuple[Story, ...] = (
    stories.landed_after_rework,
    stories.landed_at_once,
    stories.landed_on_a_moved_base,
    stories.landed_after_a_retry,
    stories.answered,
    stories.stopped,
)
REPOS = (REPO, "acme/site")
TASKS = 4
# From shortly after the process began (imports alone take two) to where most tasks are through.
SOONEST_S, LATEST_S = 0.5, 6.0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    kills = metafunc.config.getoption("--kills", 30)
    rounds = [
        (number, min(KILLS_A_ROUND, kills - first)) for number, first in enumerate(range(0, kills, KILLS_A_ROUND))
    ]
    backends = ["postgres" if SERVER and number % 2 else "sqlite" for number, _ in rounds]
    names = [f"round-{number}-{backend}" for (number, _), backend in zip(rounds, backends, strict=True)]
    values = [(*each, backend) for each, backend in zip(rounds, backends, strict=True)]
    metafunc.parametrize(("number", "kills", "backend"), values, ids=names)


@pytest.fixture
def seed(number: int, pytestconfig: pytest.Config) -> int:
    """Given, or a new one each time."""
    given = pytestconfig.getoption("--seed", None)
    return random.SystemRandom().randrange(10**9) if given is None else int(given) + number


async def test_whatever_the_moment_every_task_comes_to_its_one_end(stage: Stage, kills: int, seed: int) -> None:
    print(f"again with: pytest -m chaos tests/chaos/test_random_kills.py --seed {seed} --kills {kills}")
    dice = random.Random(seed)
    scenes = [Scene(stage, f"s{place}x", dice.choice(REPOS)) for place in range(TASKS)]
    told = [dice.choice(STORIES) for _ in scenes]
    print("stories:", [(story.__name__, scene.repo) for story, scene in zip(told, scenes, strict=True)])
    moments = [dice.uniform(SOONEST_S, LATEST_S) for _ in range(kills)]
    await stage.launch_bot()
    async with nursed(stage) as nurse:
        async with asyncio.TaskGroup() as together:
            killing = together.create_task(_kill(stage, moments))
            playing = [together.create_task(story(scene)) for scene, story in zip(scenes, told, strict=True)]
        assert killing.done()
        for scene, played in zip(scenes, playing, strict=True):
            await stories.mentioned_again(scene, played.result())
        await settles(stage)
    assert nurse.deaths == [-9] * kills


async def _kill(stage: Stage, moments: list[float]) -> None:
    for moment in moments:
        await asyncio.sleep(moment)  # the dice's moment: there is nothing to wait for
        assert stage.bot is not None
        victim = stage.bot
        victim.kill()
        await stage.until(lambda dead=victim: stage.bot is not dead, 30)  # type: ignore[misc]
