"""The bot with a death wish: `bot.py STEP begins|ended N ARGUMENT...` runs `slackbot ARGUMENT...` and kills itself.

SIGKILL comes from the inside the N-th time that the named step begins or ended, so nothing is tidied up and nothing
is flushed; "ended" is before the engine has kept the step's result.
"""

import os
import signal
import sys

from slackbot.flows import engine


def die_at(step: str, moment: str, times: int) -> None:
    """Let this process die the n-th time it comes by."""
    seen = 0

    def watcher(name: str, what: str) -> None:
        nonlocal seen
        seen += (name, what) == (step, moment)
        if seen == times:
            os.kill(os.getpid(), signal.SIGKILL)

    engine.watch(watcher)


if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    del sys.argv[1:4]
    from slackbot.cli import main

    main()
