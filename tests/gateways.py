"""What the suite of the gateways and the tests of one of them share."""

import json
from typing import Protocol

from hypothesis import HealthCheck
from hypothesis import strategies as st

from agents.gateways.gateway import Hindrance, SmsGateway
from agents.gateways.http import Http
from schemas.calls import ErrorClass, QueryRequest, SendRequest, SendResult
from schemas.times import SECOND
from tests.clock import ManualClock

NUMBER = "+8613900000001"

INHERITED = (HealthCheck.function_scoped_fixture, HealthCheck.differing_executors)
"""Of a suite's properties: their fixtures hold no state, and each class that inherits them runs them for itself."""


class Vendor(Protocol):
    """What the suite needs of a vendor. ``yes`` and ``no`` are the bodies of its answers to a message."""

    yes: bytes
    message_id: str
    no: bytes
    code: str
    error_class: ErrorClass

    def gateway(self, address: str, over: Http, clock: ManualClock) -> SmsGateway: ...


def unhindered() -> None:
    """Nothing stands in the way."""


def a_question(clock: ManualClock) -> QueryRequest:
    """What became of it."""
    return QueryRequest(number=NUMBER, out_id="C1.N1.1", sent_at=clock.now())


def a_message(clock: ManualClock, **changed: object) -> SendRequest:
    """A message that may go for 5 s."""
    fields = {
        "number": NUMBER,
        "signature": "寄卖行",
        "template": "SMS_000000101",
        "variables": {"order": "A-1001", "reason": "余额不足"},
        "out_id": "C1.N1.1",
        "call_by": clock.now() + 5 * SECOND,
    }
    return SendRequest(**(fields | changed))  # type: ignore[arg-type]


class _LateClock(ManualClock):
    """Jumps by 5 s when it has been looked at ``left`` times more."""

    def __init__(self) -> None:
        super().__init__()
        self.left = self.looks = 0
        self.jumps = False

    def now(self) -> int:
        """The time."""
        self.looks += 1
        self.left -= 1
        return self.at + 5 * SECOND if self.jumps and self.left < 0 else self.at


async def send_late(vendor: Vendor, address: str, after_looks: int, reused: bool) -> tuple[SendResult, int]:
    """The result for what gets too late after so many looks at the clock, and how many looks it took.

    ``reused``: over a connection that was there before.
    """
    clock = _LateClock()
    over = Http(clock)
    gateway = vendor.gateway(address, over, clock)
    if reused:
        await gateway.send(a_message(clock), unhindered)
    request = a_message(clock)
    clock.looks, clock.left, clock.jumps = 0, after_looks, True
    result = await gateway.send(request, unhindered)
    await over.close()
    return result, clock.looks


async def send(
    vendor: Vendor,
    address: str,
    over: Http,
    clock: ManualClock,
    request: SendRequest | None = None,
    hindrance: Hindrance = unhindered,
) -> SendResult:
    """What comes of a message."""
    return await vendor.gateway(address, over, clock).send(request or a_message(clock), hindrance)


def not_sent(code: str) -> SendResult:
    """The result for what could not reach the vendor."""
    return SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code=code)


def unknown(code: str) -> SendResult:
    """The result for what is in doubt."""
    return SendResult(outcome="unknown", code=code)


def nonsense(yes: bytes) -> st.SearchStrategy[bytes]:
    """Bodies that are no answer of a vendor's."""
    scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
    values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner))
    return st.one_of(
        st.binary(max_size=99),
        values.map(lambda value: json.dumps(value).encode()),
        st.integers(0, len(yes) - 1).map(lambda cut: yes[:cut]),
        st.sampled_from(
            [yes + yes, b"[" + yes + b"]", b"\xef\xbb\xbf" + yes, yes + b"\xff", yes[:-1] + b',"X":' + b"[" * 60_000]
        ),
    )


def garbled(answer: bytes) -> st.SearchStrategy[bytes]:
    """An HTTP answer of which a part is something else."""
    places = st.integers(0, len(answer))
    pieces = st.sampled_from(
        [b"", b"\r\n", b"\r\n\r\n", b"\x00", b"\xff", b":", b" ", b"HTTP/1.1 100 Continue\r\n\r\n"]
    )
    return st.builds(
        lambda start, end, piece: answer[: min(start, end)] + piece + answer[max(start, end) :],
        places,
        places,
        st.one_of(pieces, st.binary(max_size=20)),
    )
