"""What the figures were taken on."""

import os
import platform
from pathlib import Path


def described() -> str:
    """One line: processor, system, Python, and how busy the machine was with other things."""
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    cores = f"{os.cpu_count()} cores of {_processor()}"
    return f"{cores}, {platform.system()} {platform.release()}, Python {platform.python_version()}, load {busy}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
