"""`python -m bench`: measures what is asked for, prints the table, writes the page. Holds no figure of its own."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
import typer
from rich.console import Console

from bench import acks, journey, memory, queries, reopening, starting, workspaces
from bench.figure import Figure
from bench.page import page, table
from bench.size import FULL, SMOKE, Size

Measure = Callable[[Size, Path], Awaitable[list[Figure]]]
MEASURES: dict[str, Measure] = {
    "acks": acks.figures,
    "journey": journey.figures,
    "workspaces": workspaces.figures,
    "memory": memory.figures,
    "starting": starting.figures,
    "reopening": reopening.figures,
    "queries": queries.figures,
}
console = Console(stderr=True)


def main(
    smoke: Annotated[bool, typer.Option("--smoke", help="Tiny loads: does every figure still work?")] = False,
    only: Annotated[list[str] | None, typer.Option(help=f"Some of: {', '.join(MEASURES)}.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write the page here, as Markdown.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where databases and repositories go.")] = None,
) -> None:
    """Measure. A reach that is missed is a line in the table; what was lost, or could not be measured, is an error."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    chosen = [name for name in MEASURES if not only or name in only]
    size = SMOKE if smoke else FULL
    began = time.monotonic()
    with TemporaryDirectory(dir=folder, prefix="pitcrew-bench-") as own:
        figures, failed = asyncio.run(_measure(size, chosen, Path(own)))
    took_s = time.monotonic() - began
    Console().print(table(figures))
    console.print(f"{len(figures)} figures in {took_s:.0f} s")
    if write is not None:
        write.write_text(page(figures, " ".join(["make bench", *_arguments(sys.argv[1:])]), took_s))
    if failed:
        raise SystemExit(f"no figures of: {', '.join(failed)}")


async def _measure(size: Size, chosen: list[str], folder: Path) -> tuple[list[Figure], list[str]]:
    """The figures, and what has none because something went wrong."""
    figures: list[Figure] = []
    failed: list[str] = []
    for name in chosen:
        console.print(f"measuring {name} …")
        try:
            async with asyncio.timeout(size.limit_s):
                measured = await MEASURES[name](size, folder)
        except Exception:  # noqa: BLE001 it is told, and the other figures are still worth their time
            console.print_exception()
            failed.append(name)
        else:
            figures += measured
            console.print(table(measured))
    return figures, failed


def _arguments(given: list[str]) -> list[str]:
    return [f"ARGS='{' '.join(given)}'"] if given else []


if __name__ == "__main__":
    typer.run(main)
