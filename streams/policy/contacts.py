"""Whom a notice reaches: which contacts of a profile, and at which addresses."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from msgspec.structs import replace
from phonenumbers import NumberParseException, PhoneNumberType

from schemas.customers import Contact, Customer
from schemas.outputs import Outcome, Reason
from schemas.words import Channel, NoticeKind
from streams.policy.verdict import Verdict

_EXTENSION = re.compile(r"[转轉]|分机|分機|内线")
_MOBILE_CN = re.compile(r"\+861[3-9]\d{9}", re.ASCII).fullmatch
_PLAIN = re.compile(r"1(?!79)[3-9]\d{9}", re.ASCII).fullmatch
"""A Chinese mobile as most are written. After 179 may come a carrier that is dialled before the number."""
_MAIL = re.compile(r"[^\s@,;<>()\"\\\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII).fullmatch
_ID = re.compile(r"[A-Za-z0-9_.:=+/-]{1,200}", re.ASCII).fullmatch
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


NO_CONTACT = Verdict(Outcome.FAILED, Reason.NO_CONTACT)
BAD_NUMBER = Verdict(Outcome.FAILED, Reason.BAD_NUMBER)
MUTED = Verdict(Outcome.SUPPRESSED, Reason.MUTED)


class Reached(NamedTuple):
    """A contact, and where it is reached on a channel."""

    contact_id: str
    address: str


@lru_cache(maxsize=16_384)
def normalise(phone: str) -> str | None:
    """The number in E.164, read as in China; ``None`` where it can't be read or can't be a mobile.

    An extension (``转 12``, as numbers that hide another carry) is cut off. Of a Chinese number its form decides,
    since carriers open new ranges before the library's tables know them; of a foreign one the tables do. A foreign
    one whose digits are those of a Chinese mobile, as many of North America's, is refused: vendors take numbers
    without the sign, and would send to the Chinese one.

    Remembered for the latest numbers, since reading one takes the library longer than all else of a look.
    """
    if _PLAIN(phone):
        return f"+86{phone}"
    try:
        number = phonenumbers.parse(_EXTENSION.split(phone, maxsplit=1)[0], "CN")
    except NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.country_code == 86:
        return e164 if _MOBILE_CN(e164) else None
    mobile = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE
    return e164 if mobile and not _MOBILE_CN(f"+86{e164[1:]}") else None


def people(profile: Customer, kind: NoticeKind) -> tuple[Contact, ...] | Verdict:
    """The contacts that want ``kind``, in the profile's order; or why there is none.

    Contacts that share a number are one person: the first of them hears, wherever either of them is reached.
    """
    if not profile.contacts:
        return NO_CONTACT
    if mutes(profile, kind):
        return MUTED
    wanting = [contact for contact in profile.contacts if wants(contact, kind)]
    if not wanting:
        return MUTED
    told: dict[str, Contact] = {}
    for contact in wanting:
        if contact.contact_id not in (known.contact_id for known in told.values()):
            told.setdefault(_number(contact) or f"contact {contact.contact_id}", contact)
    return tuple(_as_one(contact, wanting) for contact in told.values())


def address(profile: Customer, contact: Contact, channel: Channel) -> str | None:
    """Where a contact is reached on a channel; ``None`` where it can't be, or the customer does not want the channel.

    A number in E.164, a mail address, a WeChat id, the ids of all devices with a space between. The inbox is the
    customer's, so all contacts have the same.
    """
    if not takes(profile, channel):
        return None
    match channel:
        case "sms":
            return normalise(contact.phone) if contact.phone else None
        case "email":
            return contact.email if contact.email and _MAIL(contact.email) else None
        case "wechat":
            return contact.wechat_openid if contact.wechat_openid and _ID(contact.wechat_openid) else None
        case "push":
            return " ".join(device for device in contact.push_ids or () if _ID(device)) or None
        case "inbox":
            return profile.customer_id


def takes(profile: Customer, channel: Channel) -> bool:
    """Whether the customer wants messages on a channel. No list means all."""
    wished = None if profile.preferences is None else profile.preferences.channels
    return wished is None or channel in wished


def mutes(profile: Customer, kind: NoticeKind) -> bool:
    """Whether the customer wants to hear nothing of ``kind``."""
    return profile.preferences is not None and kind in (profile.preferences.muted_kinds or ())


def unreachable(contact: Contact) -> Verdict:
    """Why a contact is reached on no channel of a plan."""
    return BAD_NUMBER if contact.phone and normalise(contact.phone) is None else NO_CONTACT


def find(profile: Customer, contact_id: str, kind: NoticeKind) -> Contact | None:
    """The contact of that id, with the addresses of those that are one person with it and are to hear of ``kind``."""
    found = next((contact for contact in profile.contacts if contact.contact_id == contact_id), None)
    return None if found is None else _as_one(found, (c for c in profile.contacts if wants(c, kind)))


def wants(contact: Contact, kind: NoticeKind) -> bool:
    """Whether the contact is to hear of ``kind``: no list means all kinds."""
    return contact.kinds is None or kind in contact.kinds


def _as_one(contact: Contact, others: Iterable[Contact]) -> Contact:
    """The contact, who has as well what those of ``others`` have that share its number."""
    number = _number(contact)
    if number is None:
        return contact
    twins = [other for other in others if other is not contact and _number(other) == number]
    if not twins:
        return contact
    same = (contact, *twins)
    return replace(
        contact,
        email=next((one.email for one in same if one.email and _MAIL(one.email)), None),
        wechat_openid=next((one.wechat_openid for one in same if one.wechat_openid and _ID(one.wechat_openid)), None),
        push_ids=tuple(dict.fromkeys(device for one in same for device in one.push_ids or ())),
    )


def _number(contact: Contact) -> str | None:
    return normalise(contact.phone) if contact.phone else None
