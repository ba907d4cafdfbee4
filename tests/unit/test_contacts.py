"""Which contacts hear, at which numbers, and how a number is shown."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.customers import Contact, Customer
from schemas.outputs import Outcome, Reason
from streams.policy.contacts import Reached, mask, normalise, number_of, reached
from streams.policy.verdict import Verdict


@pytest.mark.parametrize(
    "written",
    [
        "13900000001",
        "+8613900000001",
        "+86 139-0000-0001",
        "0086 139 0000 0001",
        "(86) 139 0000 0001",
        "１３９００００００" + "０１",
        "13900000001转12",
        "139 0000 0001 转 1234",
        "13900000001 分机 7",
        "13900000001 ext. 7",
    ],
)
def test_a_number_is_read_in_any_form_that_is_written_in_china(written: str) -> None:
    assert normalise(written) == "+8613900000001"


@pytest.mark.parametrize(
    "written",
    [
        *("", "   ", "转12", "010-62345678", "+861062345678", "4008001234", "95588", "1390000000", "12900000001"),
        *("139000000012", "no number", "+", "00", "+999 1234567", "🎁" * 50),
    ],
)
def test_what_is_no_chinese_mobile_is_no_target(written: str) -> None:
    assert normalise(written) is None


def test_a_range_newer_than_the_tables_is_a_mobile_all_the_same() -> None:
    assert normalise("14000000001") == "+8614000000001"


@pytest.mark.parametrize(
    ("written", "read"),
    [("+44 7911 123456", "+447911123456"), ("+1 212 253 0000", "+12122530000"), ("+852 5123 4567", "+85251234567")],
)
def test_a_foreign_number_is_a_target_where_it_can_be_a_mobile(written: str, read: str) -> None:
    assert normalise(written) == read


@pytest.mark.parametrize("written", ["+44 20 7946 0958", "+852 2123 4567", "+44 1"])
def test_a_foreign_number_that_is_no_mobile_is_no_target(written: str) -> None:
    assert normalise(written) is None


def test_a_foreign_number_that_vendors_would_take_for_a_chinese_one_is_no_target() -> None:
    assert normalise("+1 650 253 0000") is None  # 1 650 253 0000 without its sign is 165 0253 0000


@given(st.text(max_size=200))
def test_whatever_is_written_reading_it_gives_e164_or_nothing(written: str) -> None:
    number = normalise(written)
    assert number is None or re.fullmatch(r"\+[1-9]\d{4,14}", number, re.ASCII)


@given(st.from_regex(r"\+?[0-9０-９ ()-]{5,18}(转[0-9]{0,4})?", fullmatch=True))
def test_reading_a_number_again_changes_nothing(written: str) -> None:
    number = normalise(written)
    assert number is None or normalise(number) == number


def test_a_chinese_number_shows_three_and_four_digits() -> None:
    assert mask("+8613912340001") == "139****0001"


def test_a_foreign_number_shows_its_country_and_four_digits() -> None:
    assert mask("+447911123456") == "+44****3456"


_MOBILES = sorted(
    phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for region in phonenumbers.SUPPORTED_REGIONS
    if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)) is not None
)


@given(st.sampled_from(_MOBILES) | st.from_regex(r"\+861[3-9]\d{9}", fullmatch=True).filter(str.isascii))
def test_a_mask_never_shows_the_number(number: str) -> None:
    shown = mask(number)
    country = str(phonenumbers.parse(number).country_code)
    hidden = len(number) - 1 - len(re.sub(r"\D", "", shown)) + (0 if shown.startswith("+") else -len(country))
    assert "****" in shown
    assert hidden >= 4


def profile(*contacts: Contact) -> Customer:
    return Customer(customer_id="c1", tier="regular", contacts=contacts)


def contact(contact_id: str, phone: str | None, *kinds: str) -> Contact:
    return Contact(contact_id=contact_id, role="buyer", phone=phone, kinds=kinds or None)  # type: ignore[arg-type]


def test_contacts_without_a_list_of_kinds_hear_of_every_kind() -> None:
    both = profile(contact("a", "13900000001"), contact("b", "13900000002", "payment_failed"))
    assert reached(both, "payment_failed") == (Reached("a", "+8613900000001"), Reached("b", "+8613900000002"))
    assert reached(both, "stock_shortage") == (Reached("a", "+8613900000001"),)


def test_contacts_with_the_same_number_are_one() -> None:
    twice = profile(contact("a", "139 0000 0001"), contact("b", "+86 13900000001"))
    assert reached(twice, "payment_failed") == (Reached("a", "+8613900000001"),)


def test_a_contact_named_twice_is_one() -> None:
    twice = profile(contact("a", "13900000001"), contact("a", "13900000002"))
    assert reached(twice, "payment_failed") == (Reached("a", "+8613900000001"),)


@pytest.mark.parametrize(
    ("contacts", "why"),
    [
        ((), Verdict(Outcome.FAILED, Reason.NO_CONTACT)),
        ((contact("a", "13900000001", "stock_shortage"),), Verdict(Outcome.SUPPRESSED, Reason.MUTED)),
        ((contact("a", None), contact("b", "")), Verdict(Outcome.FAILED, Reason.NO_CONTACT)),
        ((contact("a", None), contact("b", "010-62345678")), Verdict(Outcome.FAILED, Reason.BAD_NUMBER)),
    ],
)
def test_where_nobody_can_be_reached_it_says_why(contacts: tuple[Contact, ...], why: Verdict) -> None:
    assert reached(profile(*contacts), "payment_failed") == why


def test_one_unreadable_number_does_not_silence_the_others() -> None:
    mixed = profile(contact("a", "call me"), contact("b", "13900000002"))
    assert reached(mixed, "payment_failed") == (Reached("b", "+8613900000002"),)


@pytest.mark.parametrize(
    ("contacts", "answer"),
    [
        ((contact("a", "13900000009"),), "+8613900000009"),
        ((contact("b", "13900000009"),), Verdict(Outcome.FAILED, Reason.NO_CONTACT)),
        ((contact("a", None),), Verdict(Outcome.FAILED, Reason.NO_CONTACT)),
        ((contact("a", "139", "payment_failed"),), Verdict(Outcome.FAILED, Reason.BAD_NUMBER)),
        ((contact("a", "13900000009", "stock_shortage"),), Verdict(Outcome.SUPPRESSED, Reason.MUTED)),
    ],
)
def test_one_contact_is_asked_for_as_it_is_now(contacts: tuple[Contact, ...], answer: str | Verdict) -> None:
    assert number_of(profile(*contacts), "a", "payment_failed") == answer
