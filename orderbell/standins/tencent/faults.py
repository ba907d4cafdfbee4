"""The vendor's noes, on demand."""

import msgspec

from orderbell.standins.faults import Fault


def refusal(code: str) -> Fault:
    """The vendor's no to a whole request, with a code."""
    said = {"Error": {"Code": code, "Message": code}, "RequestId": "00000000-0000-0000-0000-000000000000"}
    return Fault(how="answer", body=msgspec.json.encode({"Response": said}).decode())
