"""The vendor's noes, on demand."""

import msgspec

from orderbell.standins.faults import Fault
from orderbell.standins.jpush.account import PUSH


def refusal(code: int, status: int = 400, action: str = PUSH) -> Fault:
    """The vendor's no to a request, with a code."""
    said = {"error": {"code": code, "message": str(code)}}
    return Fault(how="answer", action=action, status=status, body=msgspec.json.encode(said).decode())
