"""The id that a provider is given with a message and echoes in its report (``OutId``, ``SessionContext``).

It carries whose message it is, so that a report finds its attempt without a look-up.
"""

import re
from typing import NamedTuple

_ECHO = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([1-9][0-9]{0,5})").fullmatch


class Echo(NamedTuple):
    """What an echoed id says."""

    customer_id: str
    notification_id: str
    attempt: int


def echo(customer_id: str, notification_id: str, attempt: int) -> str:
    """The id to send: at most 136 characters, where Aliyun allows 255. No id of ours contains a full stop."""
    return f"{customer_id}.{notification_id}.{attempt}"


def parse(text: str) -> Echo | None:
    """What the id says; ``None`` for one that is not ours."""
    found = _ECHO(text)
    return None if found is None else Echo(found[1], found[2], int(found[3]))
