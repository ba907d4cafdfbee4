"""What the figures were taken on, and who else worked there."""

import os
import platform
from contextlib import suppress
from pathlib import Path


def described() -> str:
    """One line: processor, system, Python, and how busy the machine was with other things."""
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    cores = f"{os.cpu_count()} cores of {_processor()}"
    return f"{cores}, {platform.system()} {platform.release()}, Python {platform.python_version()}, load {busy}"


def seconds_of(process: int) -> float:
    """Seconds of the processors that a process has had, from /proc: fields 14 and 15 of proc_pid_stat(5)."""
    fields = _stat(process)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds_of_others() -> float:
    """Seconds of the processors that all have had but this process and what descends from it, to be compared with
    those a while later."""
    busy = Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    idle = int(busy[3]) + int(busy[4])
    all_had = (sum(map(int, busy)) - idle) / os.sysconf("SC_CLK_TCK")
    return all_had - sum(map(seconds_of, _family()))


def _family() -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    family = {os.getpid()}
    while new := {child for child, parent in parents.items() if parent in family} - family:
        family |= new
    return family


def _stat(process: int) -> list[str]:
    """The fields from the third on; the second, the name, may hold anything."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
