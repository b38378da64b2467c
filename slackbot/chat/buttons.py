"""A card's buttons as Slack wants them: one click, one decision. Which buttons there are is core's to say."""

from typing import NamedTuple

from slackbot.chat.blocks import (
    BUTTON_TEXT_LIMIT,
    OPTION_TEXT_LIMIT,
    OPTION_VALUE_LIMIT,
    OPTIONS_LIMIT,
    Block,
    plain,
    size,
)
from slackbot.chat.markup import CUT
from slackbot.core.card import Card, CardButton, buttons
from slackbot.core.request import ButtonValue

PICKER = "repository"
PICKER_ROOM = 6000  # of the message's characters, for the options


def encoded(value: ButtonValue) -> str:
    """Compact JSON: an option's value may have 150 characters."""
    return value.model_dump_json(exclude_none=True)


class Buttons(NamedTuple):
    """`left_out`: how many of the picker's repositories found no room; people can name those in words."""

    elements: list[Block]
    left_out: int


def card_buttons(card: Card) -> Buttons:
    """The elements of the card's actions block; none when nothing can be decided."""
    found = buttons(card.task, card.head_sha, card.choices)
    picks = [button for button in found if button.action == PICKER]
    rest = [_button(button) for button in found if button.action != PICKER]
    if len(picks) < 2:
        return Buttons([*map(_button, picks), *rest], 0)
    options = _options(picks)
    menu = [_menu(options)] if options else []
    return Buttons(menu + rest, len(picks) - len(options))


def _button(button: CardButton) -> Block:
    block = {
        "type": "button",
        "action_id": button.action,
        "text": plain(_short(button.text, BUTTON_TEXT_LIMIT)),
        "value": encoded(button.value),
    }
    return {**block, "style": button.style} if button.style else block


def _menu(options: list[Block]) -> Block:
    """Several choices are a menu: an action id may appear only once in a block."""
    return {
        "type": "static_select",
        "action_id": PICKER,
        "placeholder": plain("Which repository?"),
        "options": options,
    }


def _options(picks: list[CardButton]) -> list[Block]:
    options: list[Block] = []
    room = PICKER_ROOM
    for pick in picks:
        option = {"text": plain(_short(pick.text, OPTION_TEXT_LIMIT)), "value": encoded(pick.value)}
        room -= size([option])
        if room < 0 or len(options) == OPTIONS_LIMIT:
            break
        if len(option["value"]) <= OPTION_VALUE_LIMIT:
            options.append(option)
    return options


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + CUT
