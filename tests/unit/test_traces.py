"""Whether a record names a customer, wherever it may be named, and not where others only have the same letters."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.callbacks import Callback
from schemas.times import instant
from streams.dead_letters import dead_letter
from streams.errors import Invalid
from streams.operators.order import Item, Order, Placed
from streams.operators.repeats import Subject
from streams.operators.report_join import Joining
from streams.operators.watch import Named, Shipment, Told
from streams.policy.echo import Echo, echo
from streams.policy.traces import Looking
from tests.driver import START, record
from tests.events import NEEDED, WHOLE_CUSTOMER, event

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


def names(customer_id: str, value: Any) -> bool:
    looking = Looking(customer_id)
    raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return looking.may_be_in(raw) and looking.in_json(raw)


@pytest.mark.parametrize("kind", [kind for kind in NEEDED if "shipment" not in kind or "dispatched" in kind])
def test_an_event_names_its_customer_and_nobody_else(kind: str) -> None:
    assert names("C1", event(kind))
    assert not any(names(other, event(kind)) for other in ("C", "C11", "A1", "S1", "T1", "E1"))


def test_an_item_names_its_consignor() -> None:
    assert names("N1", event("order.placed", items=[NEEDED["order.placed"]["items"][0] | {"consignor_id": "N1"}]))


def test_what_has_the_letters_of_an_id_and_is_none_of_a_customer_does_not_count() -> None:
    others = event("order.cancelled", order_id="4711", event_id="4711", amount="4711", refund_days=4711)
    assert not names("4711", others | {"merchant_id": "4711"})
    assert not names("k0", WHOLE_CUSTOMER | {"contacts": [{"contact_id": "k0", "role": "buyer"}]})


@pytest.mark.parametrize("text", ["客户4711要求", "(4711)", "4711", "for 4711."])
def test_a_free_text_may_name_it(text: str) -> None:
    assert names("4711", event("order.cancelled", reason=text))
    assert not names("471", event("order.cancelled", reason=text))


@given(IDS, st.text(max_size=20), st.integers(1, 9))
def test_an_id_that_is_echoed_names_its_customer(customer_id: str, about: str, attempt: int) -> None:
    element = {"OutId": echo(customer_id, "n-1", attempt), "about": [{"more": about}]}
    stored = Callback(
        provider="aliyun", what="receipt", element=msgspec.Raw(msgspec.json.encode(element)), received_at=instant(START)
    )
    assert names(customer_id, stored)


@given(IDS)
def test_so_it_does_however_json_writes_it(customer_id: str) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in customer_id)
    assert names(customer_id, b'{"customer_id":"%s"}' % escaped.encode())
    assert names(customer_id, json.dumps({"name": "大衣", "customer_id": customer_id}).encode())


def letter(topic: str, key: bytes | None, value: bytes | None) -> bytes:
    return msgspec.json.encode(dead_letter(record(topic, key, value), Invalid("not_json", "x"), START))


def in_letter(customer_id: str, *of: Any) -> bool:
    return Looking(customer_id).in_dead_letter(letter(*of), {"customers"})


@given(IDS)
def test_a_dead_letter_names_whom_its_source_named(customer_id: str) -> None:
    assert in_letter(customer_id, "customers", customer_id.encode(), None)
    assert in_letter(customer_id, "orders", b"A1", msgspec.json.encode(event("order.paid", customer_id=customer_id)))
    assert in_letter(customer_id, "orders", None, b'{"customer_id":"%s"' % customer_id.encode())
    assert not in_letter(customer_id, "orders", customer_id.encode(), b"{}")
    assert not in_letter(customer_id, "customers", customer_id.encode() + b"x", b"\xff")


@pytest.mark.parametrize(
    "state",
    [
        Shipment(1, "E1", named=Named(1, "E1", "A1", "C1", "sf")),
        Shipment(1, "E1", told=Told("A1", "C1")),
        Order(placed=Placed(1, "E1", "1.00", (Item("S1", "大衣", "C1"),))),
        Order(subjects={"A1:stock_shortage": Subject(consignors={"C1": 1})}),
        Joining(until=1, owner=Echo("C1", "N1", 1)),
    ],
    ids=lambda state: type(state).__name__,
)
def test_a_state_names_its_customer(state: Any) -> None:
    assert Looking("C1").in_value(state)
    assert not any(Looking(other).in_value(state) for other in ("C", "A1", "E1", "S1", "N1", "1"))
