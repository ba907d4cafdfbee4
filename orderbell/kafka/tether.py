"""Becomes another program that dies with the one that started it: ``tether.py PARENT PROGRAM ARGUMENT...``.

Run as a script of its own, since code between fork and exec is unsafe beside threads, which every program of ours has.
The kernel ties a process to the *thread* that started it, so that must be the main thread.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ties this process to its parent, where the system can (Linux), and becomes the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        # Not SIGTERM: Java may hang in its shutdown, and nobody would be left to end it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent died before it could be watched")
    os.execv(program[0], program)  # noqa: S606  # a shell would be the one tied


if __name__ == "__main__":
    main()
