"""A simulated mail server's part in one connection (RFC 5321): it takes one mail after another."""

import asyncio
import re
from contextvars import Context
from dataclasses import dataclass
from random import Random
from typing import Literal

from orderbell.standins.mail.mails import complaint, taken
from schemas.times import Micros
from streams.clock import Clock
from tests.simulation.mail_words import CLOSING, NO_MAILBOX, NONSENSE, WORDS, said_at
from tests.simulation.manner import No
from tests.simulation.network import Connection
from tests.simulation.whims import Course

_BLINK = 0.01
_TO = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)
_END = {True: b"\r\n.\r\n", False: b"\r\n"}


@dataclass(slots=True)
class Handing:
    """One mail on its way, and what is known of it on both sides. ``written``: all of it was, once."""

    out_id: str
    number: str
    course: Course
    random: Random
    text: str = ""
    begun_at: Micros = 0
    ended_at: Micros | None = None
    written: bool = False
    taken: bool = False
    answer: Literal["yes", "no", "neither"] = "neither"
    code: str = ""


class Session:
    """``context`` is the server's own."""

    def __init__(self, connection: Connection, clock: Clock, context: Context) -> None:
        self.context = context
        self._connection = connection
        self._clock = clock
        self._buffer = b""
        self._comes = False  # the mail itself
        connection.say(b"220 mail.test ESMTP\r\n", _BLINK)

    def received(self, data: bytes, matter: Handing) -> None:
        """Bytes of a mail's dialogue; a mail has its end in the last of them."""
        self._buffer += data
        while (end := _END[self._comes]) in self._buffer:
            line, _, self._buffer = self._buffer.partition(end)
            if self._comes:
                self._comes = False
                self._mail(matter, line + b"\r\n")
            else:
                self._obey(line, matter)

    def _obey(self, line: bytes, mail: Handing) -> None:
        match verb := line.split(b" ")[0].upper().decode("latin-1"):
            case "EHLO":
                self._say(b"250-mail.test\r\n250 ENHANCEDSTATUSCODES")
            case "QUIT":
                self._say(b"221 2.0.0 bye")
                self._connection.cut(2 * _BLINK)
            case "MAIL" if mail.course.refusal is not None:
                self._connection.cut(_BLINK, ConnectionResetError())
            case "MAIL" | "RCPT" | "DATA":
                self._step(verb, line, mail)
            case _:
                self._say(b"250 2.0.0 ok")

    def _step(self, verb: str, line: bytes, mail: Handing) -> None:
        if (found := _TO.fullmatch(line)) is not None:
            mail.number = found[1].decode("latin-1")
        no = mail.course.no if mail.course.how == "no" and said_at(mail.course.no) == verb else None
        if verb == "RCPT" and mail.number.endswith(f"@{NO_MAILBOX}"):
            no = WORDS.bad_number
        if no is not None:
            mail.begun_at = self._clock.now()
            self._refuse(mail, no, _BLINK)
        elif verb == "DATA":
            self._comes = True
            self._say(b"354 go ahead")
        else:
            self._say(b"250 2.0.0 ok")

    def _mail(self, mail: Handing, raw: bytes) -> None:
        """The whole mail has come."""
        mail.begun_at, mail.written = self._clock.now(), True
        course, after = mail.course, mail.course.answers_after
        if (wrong := complaint(raw)) is not None:
            self._refuse(mail, (int(wrong[:3]), wrong[4:]), _BLINK)
            return
        read = taken("", mail.number, raw)
        mail.out_id = read.message_id.rpartition("@")[0]
        mail.text = f"{read.subject}\n{read.plain}\n{read.html}"
        if course.takes_after is not None:
            asyncio.get_running_loop().call_later(course.takes_after, self._take, mail, context=self.context)
        if after is not None:
            self._answer(mail, after)

    def _answer(self, mail: Handing, after: float) -> None:
        match mail.course.how:
            case "answer":
                self._connection.say(b"250 2.0.0 queued\r\n", after, lambda: _hear(mail, "yes"))
            case "no":
                self._refuse(mail, mail.course.no, after)
            case "reset":
                self._connection.cut(after, ConnectionResetError())
            case "cut":
                self._connection.say(b"250 2.0", after)
                self._connection.cut(after + _BLINK)
            case "page" | "nonsense":
                self._connection.say(mail.random.choice(NONSENSE), after)

    def _take(self, mail: Handing) -> None:
        mail.taken = True

    def _refuse(self, mail: Handing, no: No, after: float) -> None:
        status, code = no
        said = f"{status} {code} no\r\n".encode()
        self._connection.say(said, after, lambda: _hear(mail, "no", f"{status} {code}"))
        if status == CLOSING:
            self._connection.cut(after + _BLINK)

    def _say(self, line: bytes) -> None:
        self._connection.say(line + b"\r\n", _BLINK)


def _hear(mail: Handing, answer: Literal["yes", "no"], code: str = "") -> None:
    mail.answer, mail.code = answer, code
