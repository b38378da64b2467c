"""`python -m slackbot.demo.tether FD ARGUMENT ...`: the command `slackbot ARGUMENT ...` on a lifeline.

FD is the read end of a pipe whose write end the demo alone holds. When that end closes, which is what `kill -9` of the
demo does, the bot gets SIGTERM, and what is left of it after GRACE_S ends at once. Knows nothing else of the demo.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 20.0


def hold(lifeline: int) -> None:
    """Watch the lifeline in the background."""
    os.set_inheritable(lifeline, False)
    threading.Thread(target=_watch, args=(lifeline,), daemon=True, name="tether").start()


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    hold(int(sys.argv[1]))
    sys.argv = ["slackbot", *sys.argv[2:]]
    runpy.run_module("slackbot", run_name="__main__")
