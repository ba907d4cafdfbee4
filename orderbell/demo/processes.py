"""Processes of the demo's, which never outlive it."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from orderbell.kafka import tether
from streams.errors import Unavailable

LONGEST_CAUSE = 300


class Child:
    """A program as a process of its own. What it logs goes to a file; it dies with this process."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self._name = name
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, name: str, log: Path, arguments: list[str], settings: dict[str, str]) -> Self:
        """Starts ``python -m ARGUMENTS`` as ``run`` does."""
        return await cls.run(name, log, [sys.executable, "-P", "-m", *arguments], settings)

    @classmethod
    async def run(cls, name: str, log: Path, command: Sequence[str], settings: Mapping[str, str]) -> Self:
        """Starts a program, given by its path, with no ``ORDERBELL_*`` but ``settings``: a user's own keys stay out.

        To be called in the main thread (see ``tether``).
        """
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORDERBELL_")}
        with open(log, "ab") as stderr:  # noqa: ASYNC230  # a local file, at once
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *command),
                env={**inherited, **settings},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                # A terminal's Ctrl-C reaches the demo alone, which then ends its processes in order.
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Its number among the system's processes; the tether became the program, so it is the program's."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def line(self) -> bytes:
        """The next line that it writes. Raises ``Unavailable``, with its last words, where it has ended instead."""
        assert self._process.stdout is not None  # noqa: S101  # a pipe, see above
        line = await self._process.stdout.readline()
        if not line:
            raise Unavailable(await self.ended())
        return line

    async def ended(self) -> str:
        """Waits for its end, and says on one line that it came and why."""
        code = await self._process.wait()
        said = [line.strip() for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        return f"the {self._name} ended by itself: {said[-1][:LONGEST_CAUSE] if said else f'exit code {code}'}"

    def tell(self, line: bytes) -> None:
        """Writes a line to its standard input."""
        assert self._process.stdin is not None  # noqa: S101  # a pipe, see above
        self._process.stdin.write(line + b"\n")

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to do anything more."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def end(self, timeout: float) -> None:
        """SIGTERM, and SIGKILL after ``timeout`` seconds."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(timeout):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            await self.kill()
