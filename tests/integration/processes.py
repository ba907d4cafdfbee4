"""Finds what was left running."""

import os
from pathlib import Path


def living(directory: Path) -> list[str]:
    """The command lines of processes that have to do with the directory: by arguments, settings, or where they run."""
    mark = str(directory).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            about = command + (process / "environ").read_bytes() + os.fsencode(os.readlink(process / "cwd"))
            if command and mark in about:
                found.append(command.replace(b"\0", b" ").decode())
        except OSError:
            continue  # it ended meanwhile
    return found
