"""Telephone numbers as upstream writes them, read as far as the contract is sure."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

_PLAIN = re.compile(r"(?:\+86|0086)?(1(?:3\d|5[0-35-9]|7[0-35-8]|8\d|9[0-35-9])\d{8})")
_BETWEEN = re.compile(r"[ -]")
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class Phone(NamedTuple):
    """``number``: 11 digits, as the vendor takes it, if it may be one. ``sure``: there is no other reading."""

    number: str | None
    sure: bool


@lru_cache(65_536)
def read(phone: str) -> Phone:
    """Reads what stands in a contact."""
    plain = _PLAIN.fullmatch(_BETWEEN.sub("", phone))
    if plain is not None and not phone.startswith("-"):
        return Phone(plain[1], True)
    try:
        parsed = phonenumbers.parse(phone, "CN")
    except NumberParseException:
        return Phone(None, True)
    if parsed.country_code != 86:
        return Phone(None, False)
    national = phonenumbers.national_significant_number(parsed)
    mobile = phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _MOBILE
    if len(national) != 11 or not national.startswith("1"):
        return Phone(None, not phonenumbers.is_possible_number(parsed))
    return Phone(national, mobile)


def masked(number: str) -> str:
    """As receipts show it."""
    return f"{number[:3]}****{number[-4:]}"
