"""What the demo says on the terminal: where to look, how to end it, and how it ended. Decides nothing."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from slackbot.demo.folder import Agent, Folder


def curtain(console: Console, page: str, pages: str, folder: Folder, agent: Agent) -> None:
    """The demo is ready: print where it is."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Open this", Text(page, style=f"bold cyan link {page}"))
    table.add_row("The bot's own pages", Text(pages, style=f"link {pages}"))
    table.add_row("Agent", _about(agent))
    table.add_row("Everything is in", str(folder.path))
    table.add_row("The bot's log", str(folder.log))
    hint = Text("\nA message is written for you there: press Enter. Ctrl-C here ends everything.", style="")
    grid = Table.grid()
    grid.add_row(table)
    grid.add_row(hint)
    console.print(Panel(grid, title="pitcrew, with a Slack of its own", border_style="yellow", expand=False))


def _about(agent: Agent) -> str:
    return "the built-in one: no AI, it knows this story" if agent.config.kind == "demo" else agent.name


def ended_by_itself(console: Console, code: int, folder: Folder) -> None:
    """The bot is gone although nobody ended it."""
    tail = folder.log.read_text(encoding="utf-8", errors="replace")[-1500:]
    console.print(f"The bot ended by itself with exit code {code}. The end of its log:", style="red")
    console.print(tail, markup=False)
