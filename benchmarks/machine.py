"""What the figures were taken on, and who else worked there."""

import os
import platform
from pathlib import Path

import psutil


def described() -> str:
    """One line: processor, system, Python, and how busy the machine was with other things."""
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    cores = f"{os.cpu_count()} cores of {_processor()}"
    return f"{cores}, {platform.system()} {platform.release()}, Python {platform.python_version()}, load {busy}"


def seconds_of(process: int) -> float:
    """Seconds of the processors that a process has had."""
    return _had(psutil.Process(process))


def seconds_of_others() -> float:
    """Seconds of the processors that all have had but this process and what descends from it, to be compared with
    those a while later."""
    machine, own = psutil.cpu_times(), psutil.Process()
    busy = machine.user + machine.nice + machine.system + machine.irq + machine.softirq + machine.steal
    return busy - sum(map(_had, (own, *own.children(recursive=True))))


def _had(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
