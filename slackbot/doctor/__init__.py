"""`slackbot doctor`: looks at everything the bot will need and says what to do. Changes nothing, starts nothing."""

from collections.abc import Callable
from pathlib import Path

import aiohttp
from rich.console import Console

from slackbot.app import utc_now
from slackbot.doctor.case import Case
from slackbot.doctor.findings import Finding, Report
from slackbot.doctor.line import Line
from slackbot.doctor.lines import Lines
from slackbot.doctor.rounds import configuration, make_rounds
from slackbot.doctor.salvage import salvage
from slackbot.settings import survey

__all__ = ["as_json", "in_words"]


async def in_words(config: Path | None) -> int:
    """Print a line for each check as it comes; the exit code."""
    lines = Lines(Console(highlight=False))
    report = await _examine(config, lines.tell)
    lines.sum_up(report)
    return report.exit_code


async def as_json(config: Path | None) -> int:
    """Print the whole report as one JSON document; the exit code."""
    report = await _examine(config, lambda finding: None)
    print(report.document())
    return report.exit_code


async def _examine(config: Path | None, tell: Callable[[Finding], None]) -> Report:
    found = survey(config)
    loaded, faults = salvage(found.config_path)
    async with aiohttp.ClientSession(trust_env=True) as session:
        line = None
        if found.slack_api_url and found.slack_bot_token:
            line = Line(session, found.slack_api_url, found.slack_bot_token, utc_now)
        case = Case(survey=found, config=loaded, session=session, slack=line, clock=utc_now)
        return await make_rounds(configuration(found, loaded, faults), case, tell)
