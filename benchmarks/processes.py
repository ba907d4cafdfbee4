"""What runs beside a benchmark, each in a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def process(*arguments: str, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A Python program of ours, and the first line that it prints."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if child.stdout is None or not (line := await child.stdout.readline()):
            raise SystemExit(f"{' '.join(arguments)} ended without a word")
        yield child, line.decode().split()[-1]
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


@asynccontextmanager
async def provider() -> AsyncIterator[str]:
    """A provider, and its address."""
    async with process("-m", "benchmarks.provider") as (_, address):
        yield address
