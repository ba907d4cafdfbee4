"""The mail stand-in as a process.

It writes one JSON object a line: first ``{"is": "listening", "address": ..}``, then ``{"is": "mail", ..}`` for each
mail that it takes. It reads commands, one JSON object a line, and ends when its standard input does:

    {"do": "fate", "address": "a@b.example", "reply": "550 5.1.1 no such mailbox"}
    {"do": "fault", "fault": {"how": "hang", "at": "mail", "taken": true}}

It stands on aiosmtpd, which a checkout's lock brings and the installed program does not.
"""

import argparse
import asyncio
import sys

import msgspec

from orderbell.standins.mail.mails import Mail
from orderbell.standins.mail.server import Fault, MailStandIn
from orderbell.standins.process import add_host, obeyed, write


class Fate(msgspec.Struct, tag_field="do", tag="fate", forbid_unknown_fields=True):
    """What ``RCPT`` to an address is answered from now on."""

    address: str
    reply: str


class Befall(msgspec.Struct, tag_field="do", tag="fault", forbid_unknown_fields=True):
    """Something goes wrong with what comes next."""

    fault: Fault


_decode = msgspec.json.Decoder(Fate | Befall).decode


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m orderbell.standins.mail", description="a mail server's stand-in")
    made.add_argument("--port", type=int, default=0, help="0: a free one")
    add_host(made)
    made.add_argument("--user", help="who may log in; else nobody has to")
    made.add_argument("--password", default="")
    return made


async def _main(arguments: argparse.Namespace) -> None:
    users = {arguments.user: arguments.password} if arguments.user else None
    standin = MailStandIn(users, on_mail=_tell)
    write("listening", {"address": await standin.start(arguments.port, arguments.host)})
    await obeyed(lambda line: _obey(standin, line))
    await standin.stop()


def _tell(mail: Mail) -> None:
    write("mail", msgspec.to_builtins(mail))


def _obey(standin: MailStandIn, line: bytes) -> None:
    try:
        command = _decode(line)
    except msgspec.MsgspecError as error:
        print(f"not a command: {error}", file=sys.stderr)
        return
    match command:
        case Fate(address, reply):
            standin.fates[address] = reply
        case Befall(fault):
            standin.faults.append(fault)


if __name__ == "__main__":
    asyncio.run(_main(_parser().parse_args()))
