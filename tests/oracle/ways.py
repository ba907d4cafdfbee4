"""By which ways the contacts of a profile are reached, step by step."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.customers import Contact, Customer
from tests.oracle import numbers, wishes
from tests.oracle.evidence import Evidence
from tests.oracle.numbers import read

CHANNELS = frozenset({"sms", "push", "wechat", "email", "inbox"})

Steps = tuple[tuple[str, ...], ...]
"""A plan: what each step sends at once."""

_MAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,40}@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
_DEVICE = re.compile(r"[A-Za-z0-9_-]{3,64}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")


class Way(NamedTuple):
    """Where a contact is reached on a channel: a number as vendors take it, the ids of all devices with a space
    between, a mail address, an id at WeChat. The inbox is the customer's. ``sure``: there is no other reading."""

    channel: str
    address: str
    sure: bool


class Reach(NamedTuple):
    """The steps by which a contact is reached, as far as that is sure; ``whole``: that is all of them."""

    contact_id: str
    steps: tuple[tuple[Way, ...], ...]
    whole: bool


class Offers:
    """The channels that there are: ``plans`` by kind and tier, without what nobody takes messages for."""

    def __init__(self, plans: Mapping[str, Mapping[str, Steps]], channels: Iterable[str]) -> None:
        there = {*channels, "inbox"}
        self._plans = {
            (kind, tier): tuple(kept for step in steps if (kept := tuple(c for c in step if c in there)))
            for kind, tiers in plans.items()
            for tier, steps in tiers.items()
        }
        self.all = frozenset(there)

    def steps(self, kind: str, tier: str) -> Steps:
        """The steps of a kind for a tier."""
        return self._plans.get((kind, tier), ())


CHANNEL_OF: Mapping[str, str] = {
    "aliyun": "sms",
    "tencent": "sms",
    "jpush": "push",
    "wechat": "wechat",
    "smtp": "email",
    "inbox": "inbox",
}
"""The channel of each provider."""
PROVIDER_OF: Mapping[str, str] = {"push": "jpush", "wechat": "wechat", "email": "smtp"}
"""The one provider of each channel that has but one."""


def channels(evidence: Evidence) -> set[str]:
    """Those on which somebody takes messages."""
    return {CHANNEL_OF[provider] for provider in (*evidence.providers, *evidence.others)}


def masks(channel: str, shown: str, address: str) -> bool:
    """Whether ``shown`` is how receipts show an address; of several devices one stands for all."""
    match channel:
        case "sms":
            return numbers.masks(shown, address)
        case "email":
            name, _, domain = address.rpartition("@")
            return shown == f"{name[:1]}***@{domain}"
        case "inbox":
            return True
    return any(shown == f"{one[:4]}****" for one in address.split(" "))


def way(customer: Customer, contact: Contact, channel: str) -> Way | None:
    """Where a contact may be reached on a channel, whether or not the customer wants that."""
    match channel:
        case "sms":
            number, sure = read(contact.phone) if contact.phone else (None, True)
            return None if number is None and sure else Way(channel, number or "", sure)
        case "email":
            mail = contact.email or ""
            return Way(channel, mail, _MAIL.fullmatch(mail) is not None) if "@" in mail else None
        case "wechat":
            openid = contact.wechat_openid
            return Way(channel, openid, _OPENID.fullmatch(openid) is not None) if openid else None
        case "push":
            devices = [device for device in contact.push_ids or () if device]
            sure = all(map(_DEVICE.fullmatch, devices)) and len(set(devices)) == len(devices)
            return Way(channel, " ".join(devices), sure) if devices else None
    return Way("inbox", customer.customer_id, True)


def reaches(customer: Customer, contacts: Sequence[Contact], steps: Steps) -> list[Reach]:
    """How each of ``contacts``, who want what is told, is reached."""
    found, numbers = [], set[str]()
    for contact in contacts:
        sms = way(customer, contact, "sms")
        if sms is not None and sms.address in numbers:
            continue  # it counts as one with the contact before
        if sms is not None and sms.address:
            numbers.add(sms.address)
        own = _addresses(customer, contact)
        shared = any(c is not contact and own & _addresses(customer, c) for c in customer.contacts)
        found.append(_reach(customer, contact, steps, shared=shared))
    return found


def _addresses(customer: Customer, contact: Contact) -> set[str]:
    """All of a contact's own."""
    ways = (way(customer, contact, channel) for channel in CHANNELS - {"inbox"})
    return {address for one in ways if one is not None for address in one.address.split(" ") if address}


def _reach(customer: Customer, contact: Contact, steps: Steps, *, shared: bool) -> Reach:
    """``shared``: another contact has one of its addresses, so that it is not sure by which either is told."""
    kept = list[tuple[Way, ...]]()
    for step in steps:
        ways = [found for channel in step if (found := way(customer, contact, channel)) is not None]
        ways = [found for found in ways if wishes.may_take(customer, found.channel)]
        doubtful = any(not found.sure or not wishes.takes(customer, found.channel) for found in ways)
        if doubtful or (shared and step != ("sms",)):
            sure = (found for found in ways if found.channel == "sms" and shared and not kept and not doubtful)
            return Reach(contact.contact_id, (*kept, *((found,) for found in sure)), whole=False)
        if ways:
            kept.append(tuple(ways))
    return Reach(contact.contact_id, tuple(kept), whole=not shared)
