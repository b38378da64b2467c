"""The command `slackbot`: parses, calls one function, prints errors for people. Holds no logic of its own."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from slackbot import __version__, app, demo, doctor
from slackbot.bundled import bundled
from slackbot.core.errors import ConfigurationError, PitcrewError
from slackbot.logs import configure
from slackbot.settings import database_settings, load_settings
from slackbot.store.migrate import upgrade

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration file; default SLACKBOT_CONFIG or slackbot.toml.")
]

main = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
db = typer.Typer(no_args_is_help=True, help="The database.")
main.add_typer(db, name="db")


@main.callback(help="Pitcrew: mention it in Slack, get a checked change to approve.")
def root() -> None:
    """The group; its text is what `--help` shows."""


@main.command()
def run(config: ConfigOption = None) -> None:
    """Run the bot until it is stopped."""
    configure()
    try:
        settings, loaded = load_settings(config)
        asyncio.run(app.run(settings, loaded))
    except PitcrewError as error:
        _fail(error)


@main.command(name="demo")
def play(
    script: Annotated[bool, typer.Option("--script", help="Play the story without a browser and print it.")] = False,
    agent: Annotated[str, typer.Option(help="An agent of slackbot.toml instead of the built-in one.")] = "",
    port: Annotated[int, typer.Option(help="Where the page is; 0 takes any free port.")] = 8600,
    keep: Annotated[Path | None, typer.Option(help="A folder for everything; it stays.")] = None,
) -> None:
    """A local Slack in the browser, with a page that burns and a repository that has the fault."""
    try:
        sys.exit(asyncio.run(demo.play(script=script, agent=agent or None, port=port, keep=keep)))
    except PitcrewError as error:
        _fail(error)


@main.command(name="doctor")
def examine(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")] = False,
) -> None:
    """Check tokens, database, git, agents, repositories, channels and people, and say what to do. Changes nothing."""
    configure(level=logging.CRITICAL)  # the doctor's own lines say what was found
    sys.exit(asyncio.run((doctor.as_json if as_json else doctor.in_words)(config)))


@db.command(name="upgrade")
def upgrade_database(config: ConfigOption = None) -> None:
    """Bring the database to the newest tables."""
    try:
        url, data_dir = database_settings(config)
        data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(url, bundled("migrations"))
    except PitcrewError as error:
        _fail(error)
    typer.echo("The database is up to date.")


@main.command()
def manifest() -> None:
    """Print the Slack app manifest, to paste at api.slack.com/apps."""
    typer.echo(bundled("manifest.yml").read_text(encoding="utf-8"), nl=False)


@main.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _fail(error: PitcrewError) -> NoReturn:
    console = Console(stderr=True)
    faults = error.faults if isinstance(error, ConfigurationError) else [error.sentence]
    for fault in faults:
        console.print(f"• {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(2)
