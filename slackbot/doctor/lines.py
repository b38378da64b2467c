"""How a report looks in a terminal. Decides nothing."""

from rich.console import Console
from rich.text import Text

from slackbot.doctor.findings import Finding, Report

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "bold red")}
MARGIN = 24


class Lines:
    """Prints findings as they come; on a terminal a spinner shows that more will."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("Looking…")
        self._status.start()

    def tell(self, finding: Finding) -> None:
        mark, style = MARKS[finding.status]
        self._print(Text.assemble((f"{mark} ", style), finding.name.ljust(MARGIN), " ", finding.said))
        if finding.next_step:
            self._print(Text(f"  → {finding.next_step}", style="dim"))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)  # whoever greps or copies gets whole lines

    def sum_up(self, report: Report) -> None:
        self._status.stop()
        warnings = _counted(report.count("warning"), "warning")
        if report.ok:
            self._print(Text(f"All well, {warnings}.", style="green"))
        else:
            self._print(Text(f"{_counted(report.count('fault'), 'fault')}, {warnings}.", style="red"))


def _counted(count: int, word: str) -> str:
    return f"{count or 'no'} {word}{'' if count == 1 else 's'}"
