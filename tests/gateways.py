"""What the suite of the gateways and the tests of one of them share."""

import json
import ssl
from abc import ABC, abstractmethod
from typing import Any, Protocol

from hypothesis import HealthCheck
from hypothesis import strategies as st

from agents.gateways.gateway import Gateway, Hindrance, SmsGateway
from agents.gateways.http import Http
from schemas.calls import ErrorClass, QueryRequest, Request, SendRequest, SendResult
from schemas.times import SECOND
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd

NUMBER = "+8613900000001"

INHERITED = (HealthCheck.function_scoped_fixture, HealthCheck.differing_executors)
"""Of a suite's properties: their fixtures hold no state, and each class that inherits them runs them for itself."""


class Vendor(Protocol):
    """What the suite needs of a vendor. ``yes`` and ``no`` are the bodies of its answers to a message.

    ``tries`` is how often a message goes to which no answer came. ``personal`` are words of a message that must show
    nowhere.
    """

    yes: bytes
    message_id: str
    no: bytes
    code: str
    error_class: ErrorClass
    no_status: int
    tries: int
    personal: tuple[str, ...]

    def gateway(self, address: str, over: Http, clock: ManualClock) -> Gateway[Any]: ...

    def message(self, clock: ManualClock, **changed: object) -> Request:
        """A message that may go for 5 s."""
        ...

    def far_end(self, *acts: Act, tls: ssl.SSLContext | None = None) -> FarEnd:
        """Its end: ``acts`` are done with messages, and what has to be asked before one can go is answered."""
        ...


class SmsVendor(ABC):
    """A vendor of text messages."""

    no_status = 200
    tries = 1
    personal: tuple[str, ...] = ("13900000001", "余额不足", "secret")

    @abstractmethod
    def gateway(self, address: str, over: Http, clock: ManualClock) -> SmsGateway: ...

    def message(self, clock: ManualClock, **changed: object) -> Request:
        """A message that may go for 5 s."""
        return a_message(clock, **changed)

    def far_end(self, *acts: Act, tls: ssl.SSLContext | None = None) -> FarEnd:
        """Its end. Nothing has to be asked first."""
        return FarEnd(*acts, tls=tls)


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
        await gateway.send(vendor.message(clock), unhindered)
    request = vendor.message(clock)
    clock.looks, clock.left, clock.jumps = 0, after_looks, True
    result = await gateway.send(request, unhindered)
    await over.close()
    return result, clock.looks


async def send(
    vendor: Vendor,
    address: str,
    over: Http,
    clock: ManualClock,
    request: Request | None = None,
    hindrance: Hindrance = unhindered,
) -> SendResult:
    """What comes of a message."""
    return await vendor.gateway(address, over, clock).send(request or vendor.message(clock), hindrance)


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
