"""A stand-in as a process of its own.

It writes one JSON object a line: first ``{"is": "listening", "address": ..}``, then ``{"is": "message", ..}`` for each
message that it takes. It reads commands, one JSON object a line, and ends when its standard input does:

    {"do": "reply", "number": "13900000001", "content": "TD"}
    {"do": "fate", "number": "13900000001", "err_code": "MOBILE_NOT_ON_SERVICE"}
    {"do": "hush", "number": "13900000001"}
    {"do": "fault", "fault": {"how": "reset", "taken": true}}
    {"do": "last", "action": "SendSms", "fault": {"how": "hang"}}
    {"do": "last", "action": "SendSms", "fault": null}
    {"do": "touch", "number": "1104a8979278ae64e75"}
    {"do": "gone", "number": "1104a8979278ae64e75"}

Numbers and codes are written as the vendor does; ``*`` is every number that has no fate of its own.
"""

import argparse
import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from orderbell.standins.commands import Command
from orderbell.standins.service import StandIn

_decode = msgspec.json.Decoder(Command).decode


def parser(vendor: str) -> argparse.ArgumentParser:
    """The options that all stand-ins have."""
    made = argparse.ArgumentParser(prog=f"python -m orderbell.standins.{vendor}", description=f"{vendor}'s stand-in")
    made.add_argument("--port", type=int, default=0, help="0: a free one")
    add_host(made)
    made.add_argument("--key-id", required=True)
    made.add_argument("--key-secret", required=True)
    made.add_argument("--rules", type=Path, help="what `orderbell rules show --json` wrote; else any text is approved")
    made.add_argument("--callback", help=f"http://HOST:PORT/callbacks/{vendor}/TOKEN; else nothing is pushed")
    made.add_argument("--report-after", type=float, default=1, metavar="SECONDS")
    made.add_argument("--answer-within", type=float, default=0.7, metavar="SECONDS", help="of a push")
    made.add_argument("--again", type=_seconds, metavar="SECONDS,..", help="repeats of a push not answered")
    return made


def add_host(parser: argparse.ArgumentParser) -> None:
    """The option for where a stand-in listens."""
    parser.add_argument("--host", default="127.0.0.1", help="the loopback if nothing else is said")


async def serve(standin: StandIn[Any], host: str, port: int) -> None:
    """Runs until the standard input ends."""
    write("listening", {"address": await standin.start(port, host)})
    await obeyed(lambda line: _obey(standin, line))
    await standin.stop()


async def obeyed(obey: Callable[[bytes], object]) -> None:
    """Has ``obey`` do what each line of the standard input says, until that ends."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    reader = threading.Thread(
        target=_read,
        args=(
            lambda line: loop.call_soon_threadsafe(obey, line),
            lambda: loop.call_soon_threadsafe(ended.set),
        ),
        daemon=True,  # nothing interrupts its reading
    )
    reader.start()
    await ended.wait()


def tell(message: msgspec.Struct) -> None:
    """Writes that a message was taken."""
    write("message", msgspec.to_builtins(message))


def write(kind: str, fields: dict[str, Any]) -> None:
    """Writes one line."""
    print(msgspec.json.encode({"is": kind, **fields}).decode(), flush=True)


def _seconds(text: str) -> list[float]:
    return [float(seconds) for seconds in text.split(",") if seconds]


def _read(heard: Callable[[bytes], object], ended: Callable[[], object]) -> None:
    for line in sys.stdin.buffer:
        heard(line)
    ended()


def _obey(standin: StandIn[Any], line: bytes) -> None:
    try:
        command = _decode(line)
    except msgspec.MsgspecError as error:
        print(f"not a command: {error}", file=sys.stderr)
        return
    if not standin.obey(command):
        print(f"not a command of this vendor: {type(command).__name__.lower()}", file=sys.stderr)
