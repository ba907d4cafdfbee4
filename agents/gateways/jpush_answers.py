"""What JPush answers, to whatever it is asked: with 200 a yes, and only with 200; else an ``error`` with its code."""

from typing import Annotated

import msgspec
from msgspec import Meta

from agents.gateways.http import Reply

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What is raised where an answer is none of the vendor's."""


class Error(msgspec.Struct):
    """Why the vendor did nothing of what was asked. Its own words beside the code may hold anything."""

    code: Annotated[int, Meta(ge=1, le=99_999)]


def nonsense(reply: Reply) -> str:
    """The word for an answer that is none of the vendor's."""
    return "nonsense" if reply.status == 200 else f"http_{reply.status}"
