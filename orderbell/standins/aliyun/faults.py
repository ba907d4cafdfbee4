"""The vendor's noes, on demand."""

import msgspec

from orderbell.standins.faults import Fault


def refusal(code: str, status: int = 200) -> Fault:
    """The vendor's no, with a code."""
    body = {"Code": code, "Message": code, "RequestId": "00000000-0000-0000-0000-000000000000"}
    return Fault(how="answer", status=status, body=msgspec.json.encode(body).decode())
