"""Whom a customer's profile lets us tell, and since when."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from schemas.customers import Contact, Customer
from schemas.times import Micros
from tests.oracle import wishes
from tests.oracle.calm import Calm
from tests.oracle.numbers import read
from tests.oracle.ways import CHANNELS, Offers, Reach, reaches, way


@dataclass
class Version:
    """A profile as published ``at``; ``customer`` is ``None`` for an erasure. ``known``: there was one at all.
    ``offers`` are the channels that there are."""

    at: Micros
    customer: Customer | None
    offers: Offers
    known: bool = True

    @property
    def erased(self) -> bool:
        """Whether the customer was erased."""
        return self.known and self.customer is None

    def allowed(self, kind: str, channel: str = "sms") -> set[str]:
        """The addresses on a channel that may hear of ``kind``."""
        return {address for _, address in self.may_hear(kind, channel)}

    def may_hear(self, kind: str, channel: str) -> set[tuple[str, str]]:
        """Who may hear of ``kind`` on a channel, and at which addresses: contacts with one number are one person."""
        customer = self.customer
        if customer is None or wishes.mutes(customer, kind) or not wishes.may_take(customer, channel):
            return set()
        return _addressed(customer, (c for c in customer.contacts if _wants(c, kind)), channel)

    def reaches(self, kind: str) -> list[Reach]:
        """How each contact that is to hear of ``kind`` however the profile is read is reached."""
        customer = self.customer
        if customer is None or wishes.mutes(customer, kind):
            return []
        willing = [contact for contact in customer.contacts if contact.kinds != () and _wants(contact, kind)]
        return reaches(customer, willing, self.offers.steps(kind, customer.tier))

    def expected(self, kind: str, channel: str = "sms") -> set[str]:
        """The addresses on a channel that surely are to hear of it first."""
        firsts = (reach.steps[0] for reach in self.reaches(kind) if reach.steps)
        return {found.address for first in firsts for found in first if found.channel == channel}

    def is_to_hear(self, kind: str, channel: str) -> set[tuple[str, str]]:
        """The same of those that are to hear of it however the profile is read."""
        customer = self.customer
        if customer is None or wishes.mutes(customer, kind) or not wishes.takes(customer, channel):
            return set()
        return _addressed(customer, (c for c in customer.contacts if c.kinds != () and _wants(c, kind)), channel)

    def loud_from(self, at: Micros) -> Micros:
        """The first moment from ``at`` on at which something may ring."""
        return at if self.customer is None else wishes.loud_from(self.customer, at)

    def hindrances(self, kind: str) -> set[tuple[str, str]]:
        """With which outcomes and reasons a notice may end because nobody can be told."""
        if not self.known:
            return {("failed", "no_contact")}
        if self.customer is None:
            return {("suppressed", "erased")}
        return set().union(*self._readings(kind))

    def surely_hindered(self, kind: str) -> bool:
        """Whether nobody can be told, however the profile is read."""
        customer = self.customer
        if customer is None:
            return True
        may_hear = (contact for contact in customer.contacts if _wants(contact, kind))
        channels = {c for step in self.offers.steps(kind, customer.tier) for c in step if wishes.may_take(customer, c)}
        if not wishes.mutes(customer, kind) and any(way(customer, c, its) for c in may_hear for its in channels):
            return False
        return all(self._readings(kind))

    def _readings(self, kind: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Whether an empty list of kinds means none or, as no list does, all, the contract leaves open."""
        return self._hindrances(kind, empty_is_all=True), self._hindrances(kind, empty_is_all=False)

    def _hindrances(self, kind: str, *, empty_is_all: bool) -> set[tuple[str, str]]:
        customer = self.customer
        assert customer is not None
        if not customer.contacts:
            return {("failed", "no_contact")}
        willing = [c for c in customer.contacts if c.kinds is None or kind in c.kinds or (empty_is_all and not c.kinds)]
        if not willing or wishes.mutes(customer, kind):
            return {("suppressed", "muted")}
        channels = {channel for step in self.offers.steps(kind, customer.tier) for channel in step}
        found = [way(customer, contact, channel) for contact in willing for channel in channels]
        ways = [one for one in found if one is not None]
        if any(one.sure and wishes.takes(customer, one.channel) for one in ways):
            return set()
        nobody = {("failed", "no_contact")}
        if any(contact.phone for contact in willing):
            nobody.add(("failed", "bad_number"))
        if any(way(customer, contact, channel) for contact in willing for channel in CHANNELS - self.offers.all):
            nobody.add(("failed", "no_provider"))
        return nobody if all(wishes.takes(customer, c) for c in channels) else {*nobody, ("suppressed", "muted")}


def _addressed(customer: Customer, contacts: Iterable[Contact], channel: str) -> set[tuple[str, str]]:
    """Each person with each of its addresses on a channel. Two may have one address, be it a device of both."""
    ways = ((_person(contact), way(customer, contact, channel)) for contact in contacts)
    return {(who, address) for who, one in ways if one is not None for address in one.address.split(" ") if address}


def _person(contact: Contact) -> str:
    number = read(contact.phone).number if contact.phone else None
    return number or contact.contact_id


def _wants(contact: Contact, kind: str) -> bool:
    return not contact.kinds or kind in contact.kinds


def may_be_gone(kind: str, versions: Iterable[Version]) -> bool:
    """Whether somebody who was to hear of ``kind`` by one of these may be gone by a later one, or not want it then."""
    hear = defaultdict[str, set[tuple[str, str]]](set)
    for version in versions:
        for channel in CHANNELS:
            if hear[channel] - version.is_to_hear(kind, channel):
                return True
            hear[channel] |= version.may_hear(kind, channel)
    return False


class People:
    """All customers. ``travel``: how long news of a profile may be on its way to whoever sends."""

    def __init__(
        self, profiles: dict[str, list[tuple[Micros, Any]]], offers: Offers, calm: Calm, travel: Micros
    ) -> None:
        unknown = Version(0, None, offers, known=False)
        self._versions = {
            customer_id: [unknown, *(Version(at, customer, offers) for at, customer in versions)]
            for customer_id, versions in profiles.items()
        }
        self._begins = {c: [version.at for version in versions] for c, versions in self._versions.items()}
        self._nobody = [unknown]
        self._calm = calm
        self._travel = travel

    def during(self, customer_id: str, begin: Micros, end: Micros) -> list[Version]:
        """The profiles that may have been taken for the customer's at some moment between the two."""
        versions = self._versions.get(customer_id, self._nobody)
        if len(versions) == 1:
            return versions
        last = bisect_right(self._begins[customer_id], end) - 1
        first = last
        while first > 0 and self._calm.deadline(versions[first].at, self._travel) >= begin:
            first -= 1
        return versions[first : last + 1]

    def erased_by(self, customer_id: str, at: Micros) -> bool:
        """Whether the customer had been erased at some time before ``at``."""
        return any(version.erased and version.at <= at for version in self._versions.get(customer_id, ()))

    def contacts(self, customer_id: str) -> Iterator[Contact]:
        """Every contact that the customer ever had."""
        for version in self._versions.get(customer_id, ()):
            yield from version.customer.contacts if version.customer else ()

    def addresses(self, customer_id: str) -> Iterator[str]:
        """Every address that the customer ever had, as vendors write it."""
        for version in self._versions.get(customer_id, ()):
            for contact in version.customer.contacts if version.customer else ():
                for channel in CHANNELS:
                    found = way(version.customer, contact, channel) if version.customer else None
                    yield from found.address.split(" ") if found else ()

    def numbers(self) -> Iterator[str]:
        """Every number of every contact, as far as it can be read."""
        for versions in self._versions.values():
            for version in versions:
                for contact in version.customer.contacts if version.customer else ():
                    number = read(contact.phone).number if contact.phone else None
                    if number is not None:
                        yield number
