"""Whether anything personal or secret stands in what our processes write, whatever a test does with them.

It listens where processes are started and records published, so that no test can forget to. Searched for are the
secrets in a process's settings, what the profiles and orders of the test hold of persons, and whatever looks like a
mobile number, a mail address or words of a message, which are all Chinese.
"""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from aiokafka import AIOKafkaProducer

COMMANDS = ("worker", "broker", "topics", "opt-outs", "erasure")
"""Those that are listened to. The demo and the rules show texts, which is what they are for."""
SHORTEST = 6
"""A secret of fewer characters could stand anywhere by chance."""

_SECRETS = re.compile(r"ORDERBELL_\w*(TOKEN|SECRET|KEY|KEY_ID|SECRET_ID)$")
_PERSONAL = frozenset({"phone", "email", "wechat_openid", "push_ids", "address"})
_LOOKS_PERSONAL = re.compile(r"(?<![0-9])(?:0{0,2}86)?1[3-9][0-9]{9}(?![0-9])|[\w.+-]+@[\w-]+\.\w+|[\u4e00-\u9fff]")
_PRINTED = re.compile(r"orderbell worker http://|kafka://|orderbell: ")
"""What a worker prints beside its log: its addresses, and why it ends."""
_POPEN, _SEND = subprocess.Popen.__init__, AIOKafkaProducer.send


class _Output:
    """What is written to one place, which is a file, or a pipe that is listened in on."""

    def __init__(self, command: str, file: Path | None) -> None:
        self.command = command
        self._file = file
        self.heard = bytearray()
        self._searched = 0

    def news(self) -> str | None:
        """All of it, unless there is nothing new."""
        raw = self.heard if self._file is None else self._file.read_bytes() if self._file.exists() else b""
        if len(raw) == self._searched:
            return None
        self._searched = len(raw)
        return raw.decode(errors="replace")


class Overheard:
    """What was written by the processes of a test run, and what must not stand in it."""

    def __init__(self) -> None:
        self._outputs: list[_Output] = []
        self._files: set[Path] = set()
        self._unsayable: set[str] = set()
        self._listening: list[threading.Thread] = []
        self._told: set[str] = set()

    def published(self, value: bytes | None) -> None:
        """A record was published: what it holds of persons must not be written."""
        try:
            self._learn(json.loads(value or b""))
        except ValueError:
            return

    def _learn(self, value: Any, *, personal: bool = False) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                self._learn(item, personal=name in _PERSONAL)
        elif isinstance(value, list):
            for item in value:
                self._learn(item, personal=personal)
        elif personal and isinstance(value, str) and len(value) >= SHORTEST:
            self._unsayable.add(value)

    def started(self, process: Any, settings: Mapping[str, str], streams: Mapping[str, Any]) -> None:
        """A process (``subprocess.Popen``) was started: what it writes is searched."""
        command = _command(process.args)
        if command is None:
            return
        for name, value in settings.items():
            self._keep_secret(name, value)
        for name, given in streams.items():
            if given == subprocess.PIPE:
                self._listen(command, getattr(process, name))
            elif given is not None and given not in (subprocess.DEVNULL, subprocess.STDOUT):
                number = given if isinstance(given, int) else given.fileno()
                file = Path(os.readlink(f"/proc/self/fd/{number}"))
                if file not in self._files:
                    self._files.add(file)
                    self._outputs.append(_Output(command, file))

    def _keep_secret(self, name: str, value: str) -> None:
        if name == "ORDERBELL_SMTP_URL":
            value = unquote(urlsplit(value).password or "")
        elif not _SECRETS.match(name):
            return
        assert not value or len(value) >= SHORTEST, f"{name}={value}: choose a secret that can be searched for"
        if value:
            self._unsayable.add(value)

    def _listen(self, command: str, pipe: Any) -> None:
        """Puts a pipe of ours between the process and its reader, who notices nothing."""
        output = _Output(command, None)
        self._outputs.append(output)
        source = os.dup(pipe.fileno())
        ours, onward = os.pipe()
        os.dup2(ours, pipe.fileno(), inheritable=False)
        os.close(ours)
        thread = threading.Thread(target=_pass_on, args=(source, onward, output.heard), daemon=True)
        thread.start()
        self._listening.append(thread)

    def slips(self) -> list[str]:
        """Each line with something that must not stand in it, and each of a worker's that is no line of a log; once."""
        for thread in self._listening:
            thread.join(0.2)
        self._listening = [thread for thread in self._listening if thread.is_alive()]
        found = dict.fromkeys(slip for output in self._outputs for slip in self._of(output))
        new = [slip for slip in found if slip not in self._told]
        self._told.update(new)
        return new

    def _of(self, output: _Output) -> Iterator[str]:
        for line in (output.news() or "").splitlines(keepends=True):
            if _LOOKS_PERSONAL.search(line) or any(word in line for word in self._unsayable):
                yield f"{output.command} wrote {line!r}"
            elif output.command == "worker" and line.endswith("\n") and not _is_log(line):
                yield f"a worker's log has no line {line!r}"


@contextmanager
def overhearing() -> Iterator[Overheard]:
    """Listens in on all that is started and published within it; what is heard here is not heard around it as well."""
    heard = Overheard()
    before = subprocess.Popen.__init__, AIOKafkaProducer.send

    def started(self: Any, args: Any, *more: Any, **options: Any) -> None:
        _POPEN(self, args, *more, **options)
        environment = options.get("env")
        streams = {name: options.get(name) for name in ("stdout", "stderr")}
        heard.started(self, os.environ if environment is None else environment, streams)

    async def publishing(self: Any, topic: str, value: bytes | None = None, *more: Any, **options: Any) -> Any:
        heard.published(value)
        return await _SEND(self, topic, value, *more, **options)

    subprocess.Popen.__init__ = started  # type: ignore[method-assign]
    AIOKafkaProducer.send = publishing
    try:
        yield heard
    finally:
        subprocess.Popen.__init__, AIOKafkaProducer.send = before  # type: ignore[method-assign]


def _command(arguments: Sequence[Any]) -> str | None:
    words = [str(word) for word in arguments]
    ours = "--help" not in words and any("orderbell" in word or "dying_worker" in word for word in words)
    return next((word for word in words if word in COMMANDS), None) if ours else None


def _pass_on(source: int, onward: int, heard: bytearray) -> None:
    reads = True
    while chunk := os.read(source, 65_536):
        heard += chunk
        try:
            while reads and chunk:
                chunk = chunk[os.write(onward, chunk) :]
        except OSError:  # whoever read it has gone
            reads = False
    os.close(onward)
    os.close(source)


def _is_log(line: str) -> bool:
    if _PRINTED.match(line):
        return True
    try:
        written = json.loads(line)
    except ValueError:
        return False
    return isinstance(written, dict) and {"event", "level", "timestamp"} <= written.keys()
