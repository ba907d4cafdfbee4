"""The vendor's noes, on demand."""

import msgspec

from orderbell.standins.faults import Fault
from orderbell.standins.wechat.account import SEND


def refusal(code: int, action: str = SEND) -> Fault:
    """The vendor's no to a request, with a code."""
    return Fault(how="answer", action=action, body=msgspec.json.encode({"errcode": code, "errmsg": "no"}).decode())
