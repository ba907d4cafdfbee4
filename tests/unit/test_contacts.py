"""Which contacts hear, at which numbers, and how a number is shown."""

import re
from typing import get_args

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.customers import Contact, Customer, Preferences
from schemas.words import Channel, NoticeKind
from streams.policy.contacts import BAD_NUMBER, MUTED, NO_CONTACT, address, find, normalise, people, unreachable
from streams.policy.masking import masked, masked_number
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


@given(st.from_regex(r"1[3-9][0-9]{9}|179[0-9]{2}00[0-9]{4}|[0-9]{10,12}", fullmatch=True))
def test_a_number_written_plainly_is_read_as_the_library_reads_it(written: str) -> None:
    try:
        number = phonenumbers.parse(written, "CN")
    except phonenumbers.NumberParseException:
        read = ""
    else:
        read = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert normalise(written) == (read if re.fullmatch(r"\+861[3-9]\d{9}", read) else None)


def test_a_chinese_number_shows_three_and_four_digits() -> None:
    assert masked_number("+8613912340001") == "139****0001"


def test_a_foreign_number_shows_its_country_and_four_digits() -> None:
    assert masked_number("+447911123456") == "+44****3456"


_MOBILES = sorted(
    phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for region in phonenumbers.SUPPORTED_REGIONS
    if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)) is not None
)


@given(st.sampled_from(_MOBILES) | st.from_regex(r"\+861[3-9]\d{9}", fullmatch=True).filter(str.isascii))
def test_a_mask_never_shows_the_number(number: str) -> None:
    shown = masked_number(number)
    country = str(phonenumbers.parse(number).country_code)
    hidden = len(number) - 1 - len(re.sub(r"\D", "", shown)) + (0 if shown.startswith("+") else -len(country))
    assert "****" in shown
    assert hidden >= 4


def profile(*contacts: Contact) -> Customer:
    return Customer(customer_id="c1", tier="regular", contacts=contacts)


def contact(contact_id: str, phone: str | None, *kinds: str) -> Contact:
    return Contact(contact_id=contact_id, role="buyer", phone=phone, kinds=kinds or None)  # type: ignore[arg-type]


def told(whose: Customer, kind: NoticeKind = "payment_failed") -> list[str]:
    found = people(whose, kind)
    assert not isinstance(found, Verdict)
    return [one.contact_id for one in found]


def test_contacts_without_a_list_of_kinds_hear_of_every_kind() -> None:
    both = profile(contact("a", "13900000001"), contact("b", "13900000002", "payment_failed"))
    assert told(both) == ["a", "b"]
    assert told(both, "stock_shortage") == ["a"]


def test_contacts_with_the_same_number_are_one() -> None:
    assert told(profile(contact("a", "139 0000 0001"), contact("b", "+86 13900000001"))) == ["a"]


def test_contacts_that_are_one_are_reached_where_either_of_them_is() -> None:
    by_mail = replace(contact("b", "13900000001"), email="b@x.com", push_ids=("d2", "d1"))
    of_other_kinds = replace(contact("c", "13900000001", "stock_shortage"), wechat_openid="o1")
    whose = profile(replace(contact("a", "139 0000 0001"), email="nowhere", push_ids=("d1",)), by_mail, of_other_kinds)
    found = people(whose, "payment_failed")
    assert not isinstance(found, Verdict)
    (one,) = found
    mail, card = address(whose, one, "email"), address(whose, one, "wechat")
    assert (mail, address(whose, one, "push"), card) == ("b@x.com", "d1 d2", None)
    assert find(whose, "a", "payment_failed") == one


def test_a_contact_named_twice_is_one() -> None:
    assert told(profile(contact("a", "13900000001"), contact("a", "13900000002"))) == ["a"]


def test_contacts_without_a_number_are_each_one() -> None:
    assert told(profile(contact("a", None), contact("b", "call me"), contact("c", None))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("whose", "why"),
    [
        (profile(), NO_CONTACT),
        (profile(contact("a", "13900000001", "stock_shortage")), MUTED),
        (
            replace(profile(contact("a", "13900000001")), preferences=Preferences(muted_kinds=("payment_failed",))),
            MUTED,
        ),
    ],
)
def test_where_nobody_is_to_hear_it_says_why(whose: Customer, why: Verdict) -> None:
    assert people(whose, "payment_failed") == why


def test_a_number_that_cannot_be_read_is_another_matter_than_none() -> None:
    assert unreachable(contact("a", "010-62345678")) == BAD_NUMBER
    assert unreachable(contact("a", None)) == NO_CONTACT


EVERYWHERE = Contact(
    contact_id="a",
    role="buyer",
    phone="139 0000 0009",
    email="a@x.com",
    push_ids=("d1", "d2"),
    wechat_openid="o1",
)


def test_each_channel_has_an_address_of_its_own() -> None:
    whose = profile(EVERYWHERE)
    found = {channel: address(whose, EVERYWHERE, channel) for channel in get_args(Channel)}
    assert found == {"sms": "+8613900000009", "email": "a@x.com", "push": "d1 d2", "wechat": "o1", "inbox": "c1"}


def test_a_channel_that_the_customer_does_not_want_has_none() -> None:
    whose = replace(profile(EVERYWHERE), preferences=Preferences(channels=("email",)))
    assert [channel for channel in get_args(Channel) if address(whose, EVERYWHERE, channel)] == ["email"]


@pytest.mark.parametrize("written", ["a", "a@", "@x.com", "a b@x.com", "a@x.com\r\nBcc: b@x.com", "<a@x.com>", "a@x@y"])
def test_what_is_no_mail_address_is_none(written: str) -> None:
    whose = profile(Contact(contact_id="a", role="buyer", email=written))
    assert address(whose, whose.contacts[0], "email") is None


def test_other_addresses_show_their_beginning_only() -> None:
    assert masked("email", "ann@x.com") == "a***@x.com"
    assert masked("push", "160a3797c80 160a3797c81") == "160a****"
    assert masked("wechat", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M") == "o6_b****"
