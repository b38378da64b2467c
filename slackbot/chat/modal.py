"""The rework modal: one question, what was wrong. Knows nothing of who may ask it."""

from slackbot.chat.blocks import Block, plain
from slackbot.chat.buttons import encoded
from slackbot.core.request import ButtonValue

TITLE_LIMIT = 24
FEEDBACK_LIMIT = 3000


def rework_modal(value: ButtonValue, title: str) -> Block:
    """The view; the contract's ids are `rework`, `feedback` and `text`."""
    shown = title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…"
    return {
        "type": "modal",
        "callback_id": "rework",
        "private_metadata": encoded(value),
        "title": plain(shown or "Rework"),
        "submit": plain("Rework"),
        "close": plain("Back"),
        "blocks": [_question()],
    }


def _question() -> Block:
    return {
        "type": "input",
        "block_id": "feedback",
        "label": plain("What was wrong?"),
        "hint": plain("The attempt is thrown away; the next one starts fresh and reads this."),
        "element": {
            "type": "plain_text_input",
            "action_id": "text",
            "multiline": True,
            "max_length": FEEDBACK_LIMIT,
            "focus_on_load": True,
        },
    }
