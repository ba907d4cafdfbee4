"""Profiles are brought to the partition of their customer's commands, erasures too."""

from typing import Any

import pytest

from agents import customers, inventory
from agents.stateless import Nothing
from streams.engine.turn import Record
from tests.driver import Driver, Sent, record
from tests.events import CUSTOMER, STOCK_LEVEL, WHOLE_CUSTOMER
from tests.unit.rules import RULES


@pytest.fixture
def driver() -> Driver[Nothing]:
    return Driver(customers.kind(), RULES)


def profile(key: str | bytes | None, value: Any) -> Record:
    return record("customers", key, value)


def test_a_profile_is_passed_on_whole(driver: Driver[Nothing]) -> None:
    driver.feed(profile("C1", WHOLE_CUSTOMER))
    assert driver.sent == [Sent("profiles", "C1", WHOLE_CUSTOMER)]
    assert driver.counts == {("events", "customers", "profile"): 1}


def test_the_order_of_profiles_is_kept(driver: Driver[Nothing]) -> None:
    newer = CUSTOMER | {"tier": "vip"}
    driver.feed(profile("C1", CUSTOMER), profile("C1", None), profile("C1", newer))
    assert driver.take("profiles") == [CUSTOMER, None, newer]


def test_a_null_value_erases_the_profile(driver: Driver[Nothing]) -> None:
    driver.feed(profile("C1", None))
    assert driver.sent == [Sent("profiles", "C1", None)]
    assert driver.counts == {("events", "customers", "erasure"): 1}


def test_of_a_wrong_record_the_former_profile_stands(driver: Driver[Nothing]) -> None:
    driver.feed(profile("C1", CUSTOMER), profile("C1", CUSTOMER | {"tier": "gold"}))
    assert driver.take("profiles") == [CUSTOMER]
    assert [letter["reason"] for letter in driver.take("dead-letters")] == ["bad_value"]


@pytest.mark.parametrize(
    ("key", "reason"), [(None, "key_mismatch"), (b"", "bad_value"), (b"\xff", "bad_value"), (b"a b", "bad_value")]
)
def test_an_erasure_needs_a_customer(driver: Driver[Nothing], key: bytes | None, reason: str) -> None:
    driver.feed(profile(key, None))
    assert [letter.value["reason"] for letter in driver.sent] == [reason]


def test_the_task_remembers_nothing(driver: Driver[Nothing]) -> None:
    driver.feed(profile("C1", CUSTOMER), profile("C2", None))
    assert not driver.entries


def test_stock_levels_are_read_checked_and_without_effect() -> None:
    driver = Driver(inventory.kind(), RULES)
    inbound = {"merchant_id": "M1", "reserved": 1, "inbound": [{"quantity": 2, "eta": "2025-12-01T00:00:00Z"}]}
    driver.feed(record("inventory", "S1", STOCK_LEVEL), record("inventory", "S1", STOCK_LEVEL | inbound))
    assert driver.counts == {("events", "inventory", "stock_level"): 2}
    assert not driver.sent
    driver.feed(record("inventory", "S1", STOCK_LEVEL | {"available": "3"}), record("inventory", "S2", STOCK_LEVEL))
    assert [letter["reason"] for letter in driver.take("dead-letters")] == ["wrong_type", "key_mismatch"]
    assert not driver.entries
