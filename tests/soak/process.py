"""A process of the soak's, which can be killed and frozen, and never outlives it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from orderbell.kafka import tether

START_WITHIN = 150.0
END_WITHIN = 30.0


class Process:
    """``orderbell COMMAND``, in one life after another. What it logs is appended to ``log``, whatever its life."""

    def __init__(self, command: str, log: Path, settings: dict[str, str]) -> None:
        self.log = log
        self.settings = settings
        self.lives = 0
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> str:
        """Starts it and returns its first line. In the main thread only (see ``tether``).

        Raises ``RuntimeError``, with where to read more, where it ends instead or says nothing.
        """
        self.lives += 1
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORDERBELL_")}
        with open(self.log, "ab") as stderr:  # noqa: ASYNC230  # a local file, at once
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid())),
                *(sys.executable, "-P", "-m", "orderbell", self._command),
                env=inherited | self.settings,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                # A terminal's Ctrl-C reaches the soak alone, which then ends its processes in order.
                start_new_session=True,
            )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_WITHIN):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line and self._process.returncode != -signal.SIGKILL:
            raise RuntimeError(f"orderbell {self._command} did not start: see {self.log}")
        return line.decode().strip()

    @property
    def pid(self) -> int | None:
        """Its process id while it lives."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if alive and self._process is not None else None

    def signal(self, number: int) -> None:
        """Sends it a signal, if it lives."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def kill(self) -> None:
        """SIGKILL: it does nothing more."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()

    async def end(self) -> int | None:
        """SIGTERM, and its exit code; SIGKILL and ``None`` where it does not end in time."""
        if self._process is None:
            return None
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_WITHIN):
                return await self._process.wait()
        except TimeoutError:
            await self.kill()
            return None
