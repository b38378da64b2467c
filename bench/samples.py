"""What many measurements come to, and what the kernel says of a process. Knows no figure."""

import math
import statistics
from collections.abc import Sequence
from pathlib import Path

MB = 1e6


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that so many percent do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def resident_bytes(pid: int) -> int:
    """What a process and its children hold in memory."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return own * 1024 + sum(resident_bytes(int(child)) for child in children)
