"""Becomes the given command, in a process group of its own that owns the terminal.

Ctrl-C then reaches that command alone: it stops in its own time, and the `make` that waits for it reports its exit
status instead of dying of the same signal. Without a terminal nothing is changed.
"""

import os
import signal
import sys


def take_terminal() -> None:
    try:
        # The leader of a session has nobody in front of it whom Ctrl-C could hit too.
        if os.tcgetpgrp(0) != os.getpgrp() or os.getsid(0) == os.getpid():
            return
    except OSError:
        return
    os.setpgid(0, 0)
    # A process outside the foreground group may move the terminal only where this signal is ignored.
    previous = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, previous)


take_terminal()
os.execv(sys.argv[1], sys.argv[1:])
