"""Whether a number or a text stands where it may not."""

import re
from collections.abc import Iterable

from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence
from tests.oracle.people import People

_NUMBER = re.compile(rb"(?<!\d)1[3-9]\d{9}(?!\d)")
_UPSTREAM = ("orders", "logistics")
_SIGNATURE = "【".encode()


def judge(evidence: Evidence, people: People, defects: Defects) -> None:
    """Judges decisions and receipts, and of commands that they say no number which their event did not."""
    told = [w for w in evidence.written if w.topic in ("notification-decisions", "delivery-receipts") and w.value]
    commands = [w for w in evidence.written if w.topic == "notification-commands" and w.value]
    found = _numbers(w.value or b"" for w in told) | (
        _numbers(w.value or b"" for w in commands)
        - _numbers(r.value or b"" for r in evidence.published if r.topic in _UPSTREAM)
    )
    if found and (exposed := found & {number.encode() for number in people.numbers()}):
        for written in (*told, *commands):
            if any(number in (written.value or b"") for number in exposed):
                place = f"{written.topic}/{written.partition}/{written.offset}"
                defects.add("forbidden", place, "a number in full", at=written.at)
    for written in told:
        if _SIGNATURE in (written.value or b""):
            place = f"{written.topic}/{written.partition}/{written.offset}"
            defects.add("forbidden", place, "the text of a message", at=written.at)


def _numbers(values: Iterable[bytes]) -> set[bytes]:
    return set(_NUMBER.findall(b"\n".join(values)))
