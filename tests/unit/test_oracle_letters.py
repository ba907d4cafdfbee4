"""The oracle knows what can't be read, and why."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from tests.unit.hand_made import MORNING, HandMade, told_at

GOOD: dict[str, Any] = {
    "event_id": "e1",
    "type": "order.paid",
    "occurred_at": told_at(MORNING),
    "order_id": "A-1",
    "customer_id": "C1",
}
SHORTAGE = GOOD | {"type": "stock.shortage", "sku": "S1", "name": "x"}
PLACED = GOOD | {"type": "order.placed", "items": [], "amount": "1.00"}


def letter(run: HandMade, place: tuple[str, int, int], reason: str, at: float = MORNING, **fields: Any) -> None:
    """A dead letter of the record at ``place``."""
    record = next(r for r in run.published if (r.topic, r.partition, r.offset) == place)
    topic, partition, offset = place
    value = {
        "topic": topic,
        "partition": partition,
        "offset": offset,
        "timestamp": told_at(MORNING),
        "key": None if record.key is None else b64encode(record.key).decode(),
        "value": None if record.value is None else b64encode(record.value).decode(),
        "reason": reason,
        "error": "why",
        "dead_at": told_at(at),
    }
    run.write("dead-letters", "", value | fields, at)
    last = run.written[-1]
    run.written[-1] = last.__class__(last.topic, last.partition, last.offset, record.key, last.value, last.at)


BAD: list[tuple[str, bytes | None, Any, str]] = [
    ("orders", b"A-1", b"{", "not_json"),
    ("orders", b"A-1", b"", "not_json"),
    ("orders", b"A-1", b'{"event_id":"\xff"}', "not_json"),
    ("orders", b"A-1", b"[]", "wrong_type"),
    ("orders", b"A-1", b"3", "wrong_type"),
    ("orders", b"A-1", None, "null_value"),
    ("orders", None, GOOD, "key_mismatch"),
    ("orders", b"A-2", GOOD, "key_mismatch"),
    ("orders", b"A-1", {**GOOD, "pad": "x" * 65_536}, "too_large"),
    ("orders", b"A-1", {k: v for k, v in GOOD.items() if k != "event_id"}, "missing_field"),
    ("orders", b"A-1", {**GOOD, "event_id": None}, "missing_field"),
    ("orders", b"A-1", {**GOOD, "event_id": 3}, "wrong_type"),
    ("orders", b"A-1", {**GOOD, "event_id": "a b"}, "bad_value"),
    ("orders", b"A-1", {**GOOD, "event_id": "x" * 65}, "bad_value"),
    ("orders", b"A-1", {**GOOD, "occurred_at": "2025-11-25T10:00:00"}, "bad_value"),
    ("orders", b"A-1", {**GOOD, "occurred_at": "yesterday"}, "bad_value"),
    ("orders", b"A-1", {**GOOD, "type": None}, "missing_field"),
    ("orders", b"A-1", {**GOOD, "type": 3}, "wrong_type"),
    ("orders", b"A-1", {**PLACED, "amount": 1.0}, "wrong_type"),
    ("orders", b"A-1", {**PLACED, "amount": "1,0"}, "bad_value"),
    ("orders", b"A-1", {**SHORTAGE, "restock_at": "soon"}, "bad_value"),
    ("orders", b"A-1", {**SHORTAGE, "name": "x" * 201}, "bad_value"),
    ("customers", b"C1", {"customer_id": "C1", "tier": "gold", "contacts": []}, "bad_value"),
    ("customers", b"C1", {"customer_id": "C1", "tier": "vip"}, "missing_field"),
    ("inventory", b"S1", {"event_id": "i1", "sku": "S1", "name": "x"}, "missing_field"),
]


@pytest.mark.parametrize(("topic", "key", "value", "reason"), BAD)
def test_what_cannot_be_read_is_a_dead_letter_with_its_reason(
    topic: str, key: bytes | None, value: Any, reason: str
) -> None:
    run = HandMade()
    place = run.publish(topic, key, value, MORNING)
    assert run.broken() == {"lost"}
    letter(run, place, reason)
    assert run.said() == ""
    run.written.clear()
    letter(run, place, "not_json" if reason != "not_json" else "wrong_type")
    assert run.broken() == {"unexplained"}


@pytest.mark.parametrize(
    "value",
    [
        GOOD,
        {**GOOD, "type": "refund.requested", "event_id": 3},
        {**GOOD, "unknown": None, "merchant_id": None},
        {**SHORTAGE, "type": "order.paid", "restock_at": "soon"},
        {**PLACED, "items": [{"sku": "S1", "name": "x", "quantity": 0, "unit_price": "0", "consignor_id": None}]},
    ],
)
def test_what_can_be_read_or_is_not_ours_is_none(value: Any) -> None:
    run = HandMade()
    place = run.publish("orders", b"A-1", value, MORNING)
    assert run.said() == ""
    letter(run, place, "bad_value")
    assert run.broken() == {"lost"}


def test_each_bad_record_is_one_dead_letter() -> None:
    run = HandMade()
    first, second = (run.publish("orders", b"A-1", b"{", MORNING) for _ in range(2))
    letter(run, first, "not_json")
    assert run.broken() == {"lost"}
    letter(run, second, "not_json")
    assert run.said() == ""
    letter(run, second, "not_json")
    assert run.broken() == {"twice"}


def test_a_defect_of_the_program_is_one() -> None:
    run = HandMade()
    place = run.publish("orders", b"A-1", b"{", MORNING)
    letter(run, place, "defect")
    assert run.broken() == {"lost"}


@pytest.mark.parametrize("wrong", [{"value": None}, {"key": "QQ=="}, {"timestamp": told_at(0)}, {"truncated": True}])
def test_a_dead_letter_keeps_the_record_as_it_came(wrong: dict[str, Any]) -> None:
    run = HandMade()
    place = run.publish("orders", b"A-1", b"{", MORNING)
    letter(run, place, "not_json", **wrong)
    assert run.broken() == {"unexplained"}


def test_a_huge_record_is_cut() -> None:
    run = HandMade()
    value = b"x" * 300_000
    place = run.publish("orders", b"A-1", value, MORNING)
    cut = b64encode(value[: 256 * 1024]).decode()
    whole: dict[str, Any] = {"truncated": True, "value_bytes": 300_000, "value_sha256": sha256(value).hexdigest()}
    letter(run, place, "too_large", value=cut, **whole)
    assert run.said() == ""
    run.written.clear()
    letter(run, place, "too_large", value=cut, truncated=True)
    assert run.broken() == {"unexplained"}


def test_a_late_dead_letter_is_late() -> None:
    run = HandMade()
    letter(run, run.publish("orders", b"A-1", b"{", MORNING), "not_json", MORNING + 60)
    assert run.broken() == {"late"}


def test_a_tombstone_erases_and_is_no_dead_letter() -> None:
    run = HandMade()
    run.erase(MORNING)
    assert run.said() == ""


def test_an_event_that_cannot_be_read_means_nothing() -> None:
    run = HandMade()
    letter(run, run.publish("orders", b"A-2", SHORTAGE, MORNING), "key_mismatch")
    assert run.said() == ""


def test_what_cannot_be_read_of_our_own_is_unexplained() -> None:
    run = HandMade()
    run.write("delivery-receipts", "n-1", {"nonsense": 1}, MORNING)
    assert run.broken() == {"unexplained"}
