"""Cards that nobody would make on purpose, as a hypothesis strategy."""

from datetime import timedelta

from hypothesis import strategies as st

from slackbot.core.agent import PlanStep
from slackbot.core.card import Card, ChangeLine
from slackbot.core.task import Check, DecisionKind, DiffStat, PullRequest, TaskState
from tests.chat.samples import HEAD, NOW, REWORK, a_card, a_change, a_check, a_task

SPICE = ("<!channel>", "<@U0ANN>", "```", "`", "*", "&", "\n", "<https://evil.example|Yes>", "\u202e", '"', "é😀", "x")
pieces = st.lists(st.sampled_from(SPICE), max_size=8)
texts = st.builds(lambda found, times: "".join(found) * times, pieces, st.sampled_from((1, 40, 1000)))
urls = st.one_of(st.none(), texts, st.builds(lambda tail: "https://a.example/" + tail, texts))
moments = st.integers(-10_000, 10_000).map(lambda minutes: NOW - timedelta(minutes=minutes))
names = st.sampled_from(("shop/checkout", "x" * 300, "a.b/" + "c-d" * 20))
steps = st.builds(PlanStep, title=texts, status=st.sampled_from(("pending", "in_progress", "completed")))
checks = st.builds(
    Check,
    task=st.just(a_task().id),
    attempt=st.sampled_from((1, 2)),
    name=texts,
    ok=st.booleans(),
    exit_code=st.none() | st.integers(-9, 255),
    duration_s=st.floats(0, 1e6),
    budget_s=st.none() | st.floats(0.1, 1e4),
    output=texts,
    at=moments,
)


@st.composite
def change_lines(draw: st.DrawFn) -> ChangeLine:
    pull = PullRequest(id=draw(texts), url=draw(urls), branch="pitcrew/T42-2", head_sha=HEAD)
    stat = draw(
        st.builds(DiffStat, files=st.integers(0, 10**9), added=st.integers(0, 10**9), removed=st.integers(0, 9))
    )
    change = a_change(
        repo=draw(names),
        pull_request=draw(st.sampled_from((None, pull))),
        stat=stat,
        landed_sha=draw(st.none() | texts),
    )
    return ChangeLine(change=change, diff_url=draw(urls))


@st.composite
def cards(draw: st.DrawFn) -> Card:
    task = a_task(
        draw(st.sampled_from(TaskState)),
        text=draw(texts),
        note=draw(texts),
        state_at=draw(moments),
        repos=tuple(draw(st.lists(names, max_size=12))),
        previous=draw(st.none() | st.just(41)),
    )
    decision = REWORK.model_copy(
        update={"text": draw(texts), "kind": draw(st.sampled_from(DecisionKind)), "by": draw(texts)}
    )
    offered = draw(st.lists(names, max_size=2))
    return a_card(
        task=task,
        agent=draw(texts),
        phase=draw(texts),
        step=draw(texts),
        plan=tuple(draw(st.lists(steps, max_size=4))) * draw(st.sampled_from((1, 100))),
        place_in_queue=draw(st.none() | st.integers(1, 1000)),
        changes=tuple(draw(st.lists(change_lines(), max_size=5))),
        checks=tuple(draw(st.lists(checks, max_size=8))) or (a_check(),),
        decisions=(decision,) * draw(st.integers(0, 6)),
        choices=tuple(f"{name}{n}" for n in range(draw(st.sampled_from((1, 100)))) for name in offered),
        task_url=draw(urls),
    )
