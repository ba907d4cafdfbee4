"""Whom a notice reaches by telephone: which contacts of a profile, at which numbers, and how a number is shown."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from schemas.customers import Contact, Customer
from schemas.outputs import Outcome, Reason
from schemas.words import NoticeKind
from streams.policy.verdict import Verdict

_EXTENSION = re.compile(r"[转轉]|分机|分機|内线")
_MOBILE_CN = re.compile(r"\+861[3-9]\d{9}", re.ASCII).fullmatch
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class Reached(NamedTuple):
    """A contact and the number, in E.164, at which it hears."""

    contact_id: str
    number: str


@lru_cache(maxsize=16_384)
def normalise(phone: str) -> str | None:
    """The number in E.164, read as in China; ``None`` where it can't be read or can't be a mobile.

    An extension (``转 12``, as numbers that hide another carry) is cut off. Of a Chinese number its form decides,
    since carriers open new ranges before the library's tables know them; of a foreign one the tables do. A foreign
    one whose digits are those of a Chinese mobile, as many of North America's, is refused: vendors take numbers
    without the sign, and would send to the Chinese one.

    Remembered for the latest numbers, since reading one takes longer than all else of a look, and who waits for a
    vendor is looked at again and again.
    """
    try:
        number = phonenumbers.parse(_EXTENSION.split(phone, maxsplit=1)[0], "CN")
    except NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.country_code == 86:
        return e164 if _MOBILE_CN(e164) else None
    mobile = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE
    return e164 if mobile and not _MOBILE_CN(f"+86{e164[1:]}") else None


def mask(number: str) -> str:
    """How an E.164 number is shown: ``139****0001``, ``+44****1234``.

    At least four digits beside the country code stay hidden, so the shortest numbers show fewer than four.
    """
    if _MOBILE_CN(number):
        return f"{number[3:6]}****{number[-4:]}"
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    shown = min(4, max(0, len(national) - 4))
    return f"+{parsed.country_code}****{national[len(national) - shown :]}"


def reached(profile: Customer, kind: NoticeKind) -> tuple[Reached, ...] | Verdict:
    """The contacts that want ``kind``, one for each number, in the profile's order; or why there is none.

    Contacts that share a number are one person: the first of them hears.
    """
    if not profile.contacts:
        return Verdict(Outcome.FAILED, Reason.NO_CONTACT)
    wanting = [contact for contact in profile.contacts if wants(contact, kind)]
    if not wanting:
        return Verdict(Outcome.SUPPRESSED, Reason.MUTED)
    written = [(contact.contact_id, contact.phone) for contact in wanting if contact.phone]
    if not written:
        return Verdict(Outcome.FAILED, Reason.NO_CONTACT)
    by_number: dict[str, str] = {}
    for contact_id, phone in written:
        number = normalise(phone)
        if number is not None and contact_id not in by_number.values():
            by_number.setdefault(number, contact_id)
    if not by_number:
        return Verdict(Outcome.FAILED, Reason.BAD_NUMBER)
    return tuple(Reached(contact_id, number) for number, contact_id in by_number.items())


def number_of(profile: Customer, contact_id: str, kind: NoticeKind) -> str | Verdict:
    """The number of one contact as the profile has it now, or why the contact can't be told of ``kind``."""
    contact = next((contact for contact in profile.contacts if contact.contact_id == contact_id), None)
    if contact is None or not contact.phone:
        return Verdict(Outcome.FAILED, Reason.NO_CONTACT)
    if not wants(contact, kind):
        return Verdict(Outcome.SUPPRESSED, Reason.MUTED)
    return normalise(contact.phone) or Verdict(Outcome.FAILED, Reason.BAD_NUMBER)


def wants(contact: Contact, kind: NoticeKind) -> bool:
    """Whether the contact is to hear of ``kind``: no list means all kinds."""
    return contact.kinds is None or kind in contact.kinds
