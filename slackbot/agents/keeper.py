"""The keeper: a small program between the bot and a command, which leaves nothing of that command alive.

    python -I -S keeper.py LIFELINE_FD -- COMMAND [ARGUMENT ...]

The command runs in a session of its own. When it ends, when the keeper gets SIGTERM, SIGINT or SIGHUP, or when the
lifeline (the read end of a pipe whose write end the bot alone holds) reaches its end, which is what `kill -9` of the
bot does, every descendant gets SIGTERM and, GRACE_S later, SIGKILL until no child is left. The exit code is the
command's: 128 + n when signal n ended it or the keeper, 127 when it could not be started.

On Linux the keeper is a subreaper: who double-forks or starts a session of its own becomes its child and cannot get
away. Elsewhere it ends the command's process group, and a process that left the group survives.

Only the standard library, and it starts in about 10 ms: one runs per turn. It knows nothing of agents.
"""

import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

GRACE_S = 0.5
CANNOT_START = "keeper: cannot start"
CANNOT_START_CODE = 127

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform == "linux"
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(argv: list[str]) -> int:
    lifeline, command = int(argv[1]), argv[3:]
    os.set_inheritable(lifeline, False)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    wakeup = _listen_to_signals()
    child = _start(command)
    _let_go_of_the_pipes()
    code = _wait(child, lifeline, wakeup)
    _end_all(child, wakeup)
    return code


def _prctl(option: int, value: int) -> None:
    if _LINUX and ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        sys.exit(f"keeper: prctl({option}) failed: {os.strerror(ctypes.get_errno())}")


def _listen_to_signals() -> int:
    """A descriptor that becomes readable on every signal, with the signal's number as a byte."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (*_ENDING, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return readable


def _start(command: list[str]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        for number in (*_ENDING, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{CANNOT_START} {command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(CANNOT_START_CODE)


def _let_go_of_the_pipes() -> None:
    """The command's streams are its own: their ends must be seen while the keeper still works."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def _wait(child: int, lifeline: int, wakeup: int) -> int:
    """Wait for the first reason to end; the exit code that goes with it."""
    while True:
        ready, _, _ = select.select([lifeline, wakeup], [], [])
        told = [number for number in _read(wakeup) if number in _ENDING] if wakeup in ready else []
        status = _reap(child)
        if status is not None:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if told or lifeline in ready:
            return 128 + (told[0] if told else signal.SIGHUP)


def _read(wakeup: int) -> bytes:
    try:
        return os.read(wakeup, 4096)
    except BlockingIOError:
        return b""


def _reap(child: int) -> int | None:
    """Collect every child that has ended; the status of the command when it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = status


def _end_all(child: int, wakeup: int) -> None:
    """Returns when no descendant is left; never gives up on one."""
    _signal(_descendants(child), signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while _any_left(child):
        left = deadline - time.monotonic()
        if left <= 0:
            _signal(_descendants(child), signal.SIGKILL)
        # A grandchild whose parent lives sends us no SIGCHLD, hence the short wait.
        select.select([wakeup], [], [], max(0.005, min(left, 0.02)))
        _read(wakeup)


def _any_left(child: int) -> bool:
    _reap(child)
    if not _LINUX:
        return bool(_descendants(child))
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _descendants(child: int) -> list[int]:
    """Process ids below this one; outside Linux the command's group, as its negative id."""
    if not _LINUX:
        return [-child] if _group_lives(child) else []
    parents = _parents()
    found: list[int] = []
    below = {os.getpid()}
    while below:
        below = {pid for pid, parent in parents.items() if parent in below}
        found += below
    return found


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS: only zombies are left in it
        return False
    return True


def _parents() -> dict[int, int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_bytes()
        except OSError:  # it ended while we looked
            continue
        # The name in parentheses may hold anything, so the fields are counted from its end.
        parents[int(entry.name)] = int(stat.rpartition(b")")[2].split()[1])
    return parents


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):  # it ended, or took another user's identity
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv))
