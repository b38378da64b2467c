"""Slack's limits on texts, blocks and modals, each at its edge: the last that passes, the first that does not."""

import pytest

from slackbot.playground.limits import check_message, check_view
from slackbot.playground.wire import SlackError

PLAIN = {"type": "plain_text", "text": "x"}


def section(length: int) -> dict:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def button(**fields: object) -> dict:
    return {"type": "button", "action_id": "a", "text": PLAIN, **fields}


def actions(*elements: dict) -> dict:
    return {"type": "actions", "elements": list(elements)}


def plain(length: int) -> dict:
    return {"type": "plain_text", "text": "x" * length}


def modal(**fields: object) -> dict:
    return {"type": "modal", "title": PLAIN, "blocks": [section(1)], **fields}


def refused(blocks: list[dict]) -> str | None:
    try:
        check_message("text", blocks, [], longest_text=40_000)
    except SlackError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("passes", "fails"),
    [
        ([section(3_000)], [section(3_001)]),
        ([{"type": "header", "text": plain(150)}], [{"type": "header", "text": plain(151)}]),
        ([{"type": "markdown", "text": "x" * 12_000}], [{"type": "markdown", "text": "x" * 12_001}]),
        ([section(1)] * 50, [section(1)] * 51),
        (
            [actions(*(button(action_id=str(n)) for n in range(25)))],
            [actions(*(button(action_id=str(n)) for n in range(26)))],
        ),
        ([{"type": "context", "elements": [PLAIN] * 10}], [{"type": "context", "elements": [PLAIN] * 11}]),
        ([actions(button(text=plain(75)))], [actions(button(text=plain(76)))]),
        ([actions(button(value="x" * 2_000))], [actions(button(value="x" * 2_001))]),
        ([actions(button(url="x" * 3_000))], [actions(button(url="x" * 3_001))]),
        ([actions(button(action_id="x" * 255))], [actions(button(action_id="x" * 256))]),
        ([section(1) | {"block_id": "x" * 255}], [section(1) | {"block_id": "x" * 256}]),
        ([actions(button(style="primary"))], [actions(button(style="big"))]),
        ([section(1)], [section(0)]),
        ([{"type": "divider"}], [{"type": "dividers"}]),
        ([actions(button())], [actions()]),
        ([actions(button())], [actions(button(), button())]),
        ([actions(button())], [actions(button(text={"type": "mrkdwn", "text": "x"}))]),
        ([section(1) | {"block_id": "b"}], [section(1) | {"block_id": "b"}] * 2),
        ([{"type": "image", "image_url": "u", "alt_text": "a"}], [{"type": "image", "image_url": "u"}]),
        (
            [{"type": "plan", "title": "t", "tasks": [{"task_id": "1", "title": "t", "status": "complete"}]}],
            [{"type": "plan", "title": "t", "tasks": [{"task_id": "1", "title": "t", "status": "done"}]}],
        ),
    ],
)
def test_blocks_pass_up_to_their_limit_and_not_beyond(passes: list[dict], fails: list[dict]) -> None:
    assert refused(passes) is None
    assert refused(fails) == "invalid_blocks"


def test_all_blocks_together_have_a_limit_too() -> None:
    assert refused([section(2_000)] * 5) is None
    assert refused([section(2_400)] * 5) == "msg_blocks_too_long"


def test_a_refusal_points_at_the_fault_as_slack_does() -> None:
    with pytest.raises(SlackError) as caught:
        check_message("", [section(1), section(3_001)], [], longest_text=40_000)
    messages = caught.value.response()["response_metadata"]["messages"]
    assert messages == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"]


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain(25)),
        modal(submit=plain(25)),
        modal(private_metadata="x" * 3_001),
        modal(callback_id="x" * 256),
        modal(blocks=[section(1)] * 101),
        modal(blocks=[{"type": "markdown", "text": "x"}]),
        modal(blocks=[{"type": "input", "label": PLAIN, "element": {"type": "plain_text_input"}}]),
        modal(type="dialog"),
        {"type": "modal", "title": PLAIN},
    ],
)
def test_a_modal_over_a_limit_is_refused(view: dict) -> None:
    with pytest.raises(SlackError) as caught:
        check_view(view)
    assert caught.value.code == "invalid_arguments" and caught.value.messages


def test_a_modal_at_every_limit_passes() -> None:
    check_view(modal(title=plain(24), submit=plain(24), private_metadata="x" * 3_000, blocks=[section(1)] * 100))
