"""Telephone numbers as upstream writes them, read as far as the contract is sure."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

_PLAIN = re.compile(r"(?:\+86|0086)?(1(?:3\d|5[0-35-9]|7[0-35-8]|8\d|9[0-35-9])\d{8})")
_ABROAD = re.compile(r"\+(\d{1,3})\*{4}(\d{4})")
_BETWEEN = re.compile(r"[ -]")
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class Phone(NamedTuple):
    """``number``: as the vendor takes it, if it may be one. ``sure``: there is no other reading.

    In mainland China those are 11 digits. Whether one from abroad is written to the contract leaves open.
    """

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
    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code != 86:
        return Phone(f"{parsed.country_code}{national}", False)
    mobile = phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _MOBILE
    if len(national) != 11 or not national.startswith("1"):
        return Phone(None, not phonenumbers.is_possible_number(parsed))
    return Phone(national, mobile)


def masks(shown: str, number: str) -> bool:
    """Whether ``shown`` is how receipts show the vendor's ``number``."""
    if shown == f"{number[:3]}****{number[-4:]}":
        return True
    abroad = _ABROAD.fullmatch(shown)
    return abroad is not None and number.startswith(abroad[1]) and number.endswith(abroad[2])
