"""How much of everything a run does: the real sizes, and tiny ones that only show that every figure still works."""

from slackbot.core.model import Frozen


class Size(Frozen):
    """Every load is bounded here, in count and in time (`limit_s`, for each figure)."""

    limit_s: float
    repeats: int  # runs of a figure whose median counts
    starts: int  # of the bot, with much behind it and with little
    mentions_per_s: int
    steady_s: int
    burst: int
    journeys: int
    files: int
    waiting: tuple[int, int]
    settle_s: float  # a process is left alone for so long before its memory is read
    settle_most_s: float  # and not waited for longer than this: after a start it reads threads at Slack's pace
    finished: int
    reopened: int
    remembered: int
    queries: int  # how often each query is repeated


FULL = Size(
    limit_s=900, repeats=3, starts=7, mentions_per_s=100, steady_s=10, burst=1000, journeys=30, files=50_000,
    waiting=(1_000, 10_000), settle_s=8, settle_most_s=60, finished=100_000, reopened=1_000,
    remembered=1_000_000, queries=30,
)  # fmt: skip
SMOKE = Size(
    limit_s=60, repeats=1, starts=1, mentions_per_s=20, steady_s=1, burst=20, journeys=1, files=200,
    waiting=(10, 20), settle_s=0.5, settle_most_s=5, finished=50, reopened=8,
    remembered=2_000, queries=2,
)  # fmt: skip
