"""What may stand in the fields of the wire contract: ids, texts, money, times, words."""

import pytest

from tests.events import CUSTOMER, ITEM, STOCK_LEVEL, Event, event
from tests.unit.reading_events import PAID, STRANGER, raw, read, reason, topic_of

SHORT_OF = event("stock.shortage")
CANCELLED = event("order.cancelled")
ID_FIELDS = [(PAID, name) for name in ("event_id", "order_id", "customer_id", "merchant_id")]
ID_FIELDS += [(event("shipment.dispatched"), name) for name in ("event_id", "tracking_no", "order_id", "customer_id")]
ID_FIELDS += [(SHORT_OF, "sku"), (SHORT_OF, "consignor_id"), (CUSTOMER, "customer_id"), (STOCK_LEVEL, "sku")]


@pytest.mark.parametrize(("value", "field"), ID_FIELDS)
@pytest.mark.parametrize("bad", ["", "a" * 65, "a b", "a\n", "a.b", "a:b", "é", "１", "订单", "\0", "\u2028"])
def test_an_id_is_1_to_64_of_few_characters(value: Event, field: str, bad: str) -> None:
    assert reason(value | {field: bad}, topic_of(value)) == "bad_value"


@pytest.mark.parametrize("good", ["-", "_", "0", "aZ_9-", "a" * 64])
def test_an_id_may_be_any_of_them(good: str) -> None:
    assert read(PAID | {"order_id": good, "event_id": good, "merchant_id": good}, key=good).order_id == good


@pytest.mark.parametrize("text", ["错" * 200, "😀" * 200, "", "a\0b", "\u2028", "e\u0301" * 100])
def test_a_text_is_up_to_200_characters(text: str) -> None:
    assert read(event("address.undeliverable", address=text)).address == text
    assert reason(event("address.undeliverable", address=text + "x" * 201)) == "bad_value"


def test_a_text_of_201_characters() -> None:
    assert reason(event("address.undeliverable", address="错" * 201)) == "bad_value"


@pytest.mark.parametrize("money", ["0", "0.5", "12.34", "999999999999999.9999"])
def test_money_is_a_decimal_string(money: str) -> None:
    assert read(event("order.cancelled", amount=money)).amount == money
    assert read(event("order.placed", items=[ITEM | {"unit_price": money}])).items[0].unit_price == money


@pytest.mark.parametrize(
    "money", ["", "-5", "+5", "5.", ".5", "1e3", "5,00", "¥5", "٥", "5 ", "5.00\n", "NaN", "1.23456"]
)
def test_money_is_nothing_but_digits_and_a_point(money: str) -> None:
    assert reason(event("order.cancelled", amount=money)) == "bad_value"


@pytest.mark.parametrize("number", [5, 5.0, 0, -1])
def test_money_as_a_number(number: float) -> None:
    assert reason(event("order.placed", amount=number)) == "wrong_type"


@pytest.mark.parametrize("days", [0, 3, 999, "3", "3-5", "10-14"])
def test_days_are_an_integer_or_one_or_two_in_a_string(days: int | str) -> None:
    assert read(event("order.cancelled", refund_days=days)).refund_days == days
    assert read(event("shipment.delay_reported", expected_days=days)).expected_days == days


@pytest.mark.parametrize("days", [-1, 1000, 10**30, "", "x", "3 - 5", "3-", "-3", "٣", "3-5-7", "3\n"])
def test_days_that_are_none(days: int | str) -> None:
    assert reason(event("order.cancelled", refund_days=days)) == "bad_value"


def test_a_number_may_not_be_a_truth_value_or_a_fraction() -> None:
    for quantity in (True, 1.5, "1"):
        assert reason(event("order.placed", items=[ITEM | {"quantity": quantity}])) == "wrong_type"
    assert reason(event("order.placed", items=[ITEM | {"quantity": -1}])) == "bad_value"


def test_odd_but_true_numbers() -> None:
    for written, quantity in ((b"-0", 0), (b"1" + b"0" * 30, 10**30)):
        value = raw(event("order.placed")).replace(b'"quantity":1,', b'"quantity":' + written + b",")
        assert read(value).items[0].quantity == quantity


def test_a_truth_value_is_no_word_and_no_number() -> None:
    for paid in ("true", 1, 0):
        assert reason(event("order.cancelled", paid=paid)) == "wrong_type"


@pytest.mark.parametrize(
    "time",
    [
        "2025-11-24T16:00:00Z",
        "2025-11-25T00:00:00+08:00",
        "2025-11-24t16:00:00.000z",
        "2025-11-24 16:00:00Z",
        "2025-11-24T16:00:00-00:00",
        "2025-11-24T16:00:00.0000004Z",
    ],
)
def test_a_time_is_rfc_3339_with_an_offset(time: str) -> None:
    assert read(PAID | {"occurred_at": time}) == read(PAID)


@pytest.mark.parametrize(
    "time",
    [
        "2025-11-24T16:00:00",  # no offset
        "2025-11-24",
        "2025-11-24T16:00Z",
        "2025-11-24T24:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-11-24T23:59:60Z",  # datetime has no leap second
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2025-11-24T16:00:00+24:00",
        "2025-11-24T16:00:00Z\n",
        " 2025-11-24T16:00:00Z",
        "２025-11-24T16:00:00Z",
        "yesterday",
        "1764000000",
        "",
    ],
)
def test_a_time_that_cannot_be_read(time: str) -> None:
    assert reason(PAID | {"occurred_at": time}) == "bad_value"


def test_a_time_as_a_number() -> None:
    assert reason(PAID | {"occurred_at": 1_764_000_000}) == "wrong_type"


@pytest.mark.parametrize("time", ["2025-12-01", "2025-12-01T08:00:00+08:00", "2025-12-01T00:00:00Z"])
def test_a_restock_is_a_date_or_a_time_with_an_offset(time: str) -> None:
    assert read(event("stock.shortage", restock_at=time)).restock_at == time


@pytest.mark.parametrize(
    "time", ["2025-12-01T08:00:00", "2025-02-30", "soon", "", "٢025-12-01", "2025-12-01\n", "2025-W49"]
)
def test_a_restock_that_is_neither(time: str) -> None:
    assert reason(event("stock.shortage", restock_at=time)) == "bad_value"


# Words.


def test_an_unknown_reason_is_a_reason() -> None:
    assert read(event("payment.failed", reason="cat_ate_it")).reason == "cat_ate_it"
    assert read(event("shipment.delay_reported", reason="strike")).reason == "strike"


@pytest.mark.parametrize(
    "value",
    [
        CANCELLED | {"cancelled_by": STRANGER},
        CANCELLED | {"cancelled_by": f'it\'s "{STRANGER}" - at `$.x`'},
        CANCELLED | {"cancelled_by": "got `null`"},
        CANCELLED | {"cancelled_by": "Merchant"},
        CUSTOMER | {"tier": STRANGER},
        CUSTOMER | {"contacts": [{"contact_id": "K1", "role": STRANGER}]},
        CUSTOMER | {"contacts": [{"contact_id": "K1", "role": "buyer", "kinds": [STRANGER]}]},
        CUSTOMER | {"preferences": {"channels": [STRANGER]}},
        CUSTOMER | {"preferences": {"muted_kinds": [STRANGER]}},
    ],
)
def test_any_other_unknown_word(value: Event) -> None:
    assert reason(value) == "bad_value"


@pytest.mark.parametrize("zone", [STRANGER, "", "Asia", "..", "../../etc/passwd", "/etc/localtime", "x\0", "a" * 5000])
def test_a_zone_is_an_iana_time_zone(zone: str) -> None:
    quiet = {"from": "22:00", "to": "07:00", "time_zone": zone}
    assert reason(CUSTOMER | {"preferences": {"quiet_hours": quiet}}) == "bad_value"


@pytest.mark.parametrize("hour", ["24:00", "7:00", "22:60", "22:00\n", "٢٢:00", "22", ""])
def test_an_hour_of_the_day_is_two_digits_and_two(hour: str) -> None:
    for quiet in ({"from": hour, "to": "07:00"}, {"from": "22:00", "to": hour}):
        preferences = {"quiet_hours": quiet | {"time_zone": "Asia/Shanghai"}}
        assert reason(CUSTOMER | {"preferences": preferences}) == "bad_value"


def test_a_telephone_number_may_be_anything() -> None:
    contact = {"contact_id": "K1", "role": "buyer", "phone": "转 12, call me"}
    assert read(CUSTOMER | {"contacts": [contact]}).contacts[0].phone == "转 12, call me"
