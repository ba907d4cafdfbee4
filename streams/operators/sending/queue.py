"""The lines in which questions to one provider wait: the last place given away in each."""

import msgspec

from schemas.times import Micros


class Queue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="questions"):
    """``doubt``: for what is in doubt. ``report``: for what lacks a report."""

    doubt: Micros = 0
    report: Micros = 0


def key(provider: str) -> bytes:
    """The lines' key in the task's table: no customer's id, which has no asterisk."""
    return f"*questions/{provider}".encode()
