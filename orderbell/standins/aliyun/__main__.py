"""The stand-in as a process of its own.

It writes one JSON object a line: first ``{"is": "listening", "address": ..}``, then ``{"is": "message", ..}`` for each
message that it takes. It reads commands, one JSON object a line, and ends when its standard input does:

    {"do": "reply", "number": "13900000001", "content": "TD"}
    {"do": "fate", "number": "13900000001", "err_code": "MOBILE_NOT_ON_SERVICE"}
    {"do": "fault", "fault": {"how": "reset", "taken": true}}
"""

import argparse
import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from orderbell.standins.aliyun.faults import Fault
from orderbell.standins.aliyun.messages import Message
from orderbell.standins.aliyun.pushes import Pushes
from orderbell.standins.aliyun.service import AliyunStandIn
from orderbell.standins.aliyun.texts import Texts


class Reply(msgspec.Struct, tag_field="do", tag="reply", forbid_unknown_fields=True):
    """Somebody answers a message."""

    number: str
    content: str


class Fate(msgspec.Struct, tag_field="do", tag="fate", forbid_unknown_fields=True):
    """What a telephone makes of its messages from now on; ``null``: no report comes."""

    number: str
    err_code: str | None


class Befall(msgspec.Struct, tag_field="do", tag="fault", forbid_unknown_fields=True):
    """Something goes wrong with a request to come."""

    fault: Fault


_decode = msgspec.json.Decoder(Reply | Fate | Befall).decode


def main() -> None:
    """Runs until the standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m orderbell.standins.aliyun", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--key-id", required=True)
    parser.add_argument("--key-secret", required=True)
    parser.add_argument(
        "--rules", type=Path, help="what `orderbell rules show --json` wrote; else any text is approved"
    )
    parser.add_argument("--callback", help="http://HOST:PORT/callbacks/aliyun/TOKEN; else nothing is pushed")
    parser.add_argument("--report-after", type=float, default=1, metavar="SECONDS")
    parser.add_argument("--answer-within", type=float, default=0.7, metavar="SECONDS", help="of a push")
    parser.add_argument("--again", default="60,300,600", metavar="SECONDS,..", help="repeats of a push not answered")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(arguments: argparse.Namespace) -> None:
    again = [float(seconds) for seconds in arguments.again.split(",") if seconds]
    standin = AliyunStandIn(
        {arguments.key_id: arguments.key_secret},
        Texts() if arguments.rules is None else Texts.of_rules(arguments.rules.read_bytes()),
        Pushes(arguments.callback, again, arguments.answer_within),
        report_after=arguments.report_after,
        on_message=lambda message: _write("message", message),
    )
    address = await standin.start(arguments.port)
    _write("listening", {"address": address})
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    reader = threading.Thread(
        target=_read,
        args=(
            lambda line: loop.call_soon_threadsafe(_obey, standin, line),
            lambda: loop.call_soon_threadsafe(ended.set),
        ),
        daemon=True,  # nothing interrupts its reading
    )
    reader.start()
    await ended.wait()
    await standin.stop()


def _read(heard: Callable[[bytes], object], ended: Callable[[], object]) -> None:
    for line in sys.stdin.buffer:
        heard(line)
    ended()


def _obey(standin: AliyunStandIn, line: bytes) -> None:
    try:
        command = _decode(line)
    except msgspec.MsgspecError as error:
        print(f"not a command: {error}", file=sys.stderr)
        return
    match command:
        case Reply(number, content):
            standin.reply(number, content)
        case Fate(number, err_code):
            standin.fates[number] = err_code
        case Befall(fault):
            standin.faults.append(fault)


def _write(kind: str, fields: Message | dict[str, str]) -> None:
    line = {"is": kind, **msgspec.to_builtins(fields)}
    print(msgspec.json.encode(line).decode(), flush=True)


if __name__ == "__main__":
    main()
