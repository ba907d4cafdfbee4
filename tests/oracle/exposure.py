"""Whether a number or a text stands where it may not."""

import re
from collections.abc import Iterable

from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence
from tests.oracle.people import People

_CHINESE = re.compile(rb"1[3-9][0-9]{9}")
"""May begin or end within a longer number: whoever finds something looks again."""
_UPSTREAM = ("orders", "logistics")
_SIGNATURE = "【".encode()


def judge(evidence: Evidence, people: People, defects: Defects) -> None:
    """Judges decisions and receipts, and commands by whether they say a number that no event did."""
    numbers = {number.encode() for number in people.numbers()}
    told = [w for w in evidence.written if w.topic in ("notification-decisions", "delivery-receipts")]
    commands = [w for w in evidence.written if w.topic == "notification-commands"]
    exposed = _found(numbers, (w.value for w in told))
    if in_commands := _found(numbers, (w.value for w in commands)):
        exposed |= in_commands - _found(numbers, (r.value for r in evidence.published if r.topic in _UPSTREAM))
    for written in (*told, *commands) if exposed else ():
        if any(_stands_in(number, written.value or b"") for number in exposed):
            place = f"{written.topic}/{written.partition}/{written.offset}"
            defects.add("forbidden", place, "a number in full", at=written.at)
    for written in told:
        if _SIGNATURE in (written.value or b""):
            place = f"{written.topic}/{written.partition}/{written.offset}"
            defects.add("forbidden", place, "the text of a message", at=written.at)


def _found(numbers: set[bytes], values: Iterable[bytes | None]) -> set[bytes]:
    text = b"\n".join(value for value in values if value)
    met = set(_CHINESE.findall(text)) & numbers
    return met | {number for number in numbers if not number.startswith(b"1") and _stands_in(number, text)}


def _stands_in(number: bytes, text: bytes) -> bool:
    return number in text and re.search(rb"(?<![0-9])(?:86)?" + number + rb"(?![0-9])", text) is not None
