"""How figures are shown: a table for the terminal, a page for the docs. Measures nothing."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from bench.figure import Figure

HEAD = ("figure", "here", "reference", "ratio", "reach", "")
INTRODUCTION = """# Performance

Each figure stands beside its reference, measured in the same run on the same machine: what the same thing costs when
it is done in the plainest way. `{command}` made this page on {day}, in {minutes:.0f} minutes.

{machine}

"""
READING = """
## How to read it

- **here** is the bot as people run it: its own process, SQLite in a file, a local Slack on 127.0.0.1 that answers at
  once and sends as Slack does. Slack itself adds its network: 50 to 300 ms for each call.
- **reference** is a floor, not a rival: no bot can be faster than the row it has to commit or the commands it has to
  run. **ratio** is here divided by reference; it carries over to other machines better than milliseconds do.
- **reach** is what the figure should keep; ✓ it does, ✗ it does not on this run.
- Times are medians, taking turns with the reference, since other work on the machine slows both. The load, the bot
  and local Slack share the machine's cores; a loaded machine shows worse figures for here and for the reference.
- Commits wait for the disk (`synchronous=FULL`): the acks' figures follow what `fsync` takes there.
- Every run also counts: rows, tasks, files. When one is missing or there twice, the run fails and has no figures.

## What was done for each

"""
UNKNOWN = "unknown"


def table(figures: list[Figure]) -> Table:
    """The figures for a terminal."""
    shown = Table(*HEAD, title="Pitcrew beside its floors")
    for figure in figures:
        shown.add_row(*_cells(figure), style=None if figure.reached else "red")
    return shown


def page(figures: list[Figure], command: str, took_s: float) -> str:
    """The figures as Markdown, with how to read them and what they were measured on."""
    rows = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    rows += ["| " + " | ".join(_cells(figure)) + " |" for figure in figures]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    head = INTRODUCTION.format(command=command, day=day, minutes=took_s / 60, machine=machine())
    how = "\n".join(f"- **{figure.name}**: {figure.how}" for figure in figures)
    return head + "\n".join(rows) + "\n" + READING + how + "\n"


def _cells(figure: Figure) -> tuple[str, ...]:
    reference = "–"
    if figure.reference is not None:
        reference = f"{_number(figure.reference)} {figure.unit} ({figure.reference_name})"
    ratio = f"{figure.ratio:.2f}×" if figure.ratio is not None else "–"
    here, mark = f"{_number(figure.value)} {figure.unit}", "✓" if figure.reached else "✗"
    return figure.name, here, reference, ratio, figure.reach.words(figure.unit), mark


def _number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> str:
    """What the figures were measured on, in a sentence."""
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    tools = f"SQLite {sqlite3.sqlite_version}, {_said('git', '--version')}"
    load = f"Load at the end: {', '.join(f'{load:.1f}' for load in os.getloadavg())}."
    return f"Machine: {_cpu()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB; {system}; {tools}. {load}"


def _cpu() -> str:
    return next(_values("/proc/cpuinfo", "model name"), platform.machine() or UNKNOWN)


def _memory_gb() -> float:
    return int(next(_values("/proc/meminfo", "MemTotal"), "0").split()[0]) / 1e6


def _values(file: str, name: str) -> Iterator[str]:
    lines = Path(file).read_text().splitlines() if Path(file).is_file() else []
    return (line.partition(":")[2].strip() for line in lines if line.startswith(name))


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
