"""Whom a customer's profile lets us tell, and since when."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from schemas.customers import Contact, Customer
from schemas.times import Micros
from tests.oracle.calm import Calm
from tests.oracle.numbers import Phone, read


@dataclass
class Version:
    """A profile as published ``at``; ``customer`` is ``None`` for an erasure. ``known``: there was one at all."""

    at: Micros
    customer: Customer | None
    known: bool = True

    @property
    def erased(self) -> bool:
        """Whether the customer was erased."""
        return self.known and self.customer is None

    @cached_property
    def _contacts(self) -> tuple[Contact, ...]:
        return () if self.customer is None else self.customer.contacts

    def allowed(self, kind: str) -> set[str]:
        """The numbers that may hear of ``kind``."""
        found = {read(c.phone).number for c in self._contacts if c.phone and _wants(c, kind)}
        return {number for number in found if number is not None}

    def expected(self, kind: str) -> set[str]:
        """The numbers that surely are to hear of it."""
        return {phone.number for phone in self._wanting(kind) if phone.number is not None and phone.sure}

    def wanted(self, kind: str) -> set[str]:
        """The numbers that are to hear of it however the profile is read."""
        return {phone.number for phone in self._wanting(kind) if phone.number is not None}

    def _wanting(self, kind: str) -> list[Phone]:
        willing = (c for c in self._contacts if c.kinds != () and _wants(c, kind))
        return [read(contact.phone) for contact in willing if contact.phone]

    def hindrances(self, kind: str) -> set[tuple[str, str]]:
        """With which outcomes and reasons a notice may end because nobody can be told."""
        if not self.known:
            return {("failed", "no_contact")}
        if self.customer is None:
            return {("suppressed", "erased")}
        return set().union(*self._readings(kind))

    def surely_hindered(self, kind: str) -> bool:
        """Whether nobody can be told, however the profile is read."""
        return self.customer is None or all(self._readings(kind))

    def _readings(self, kind: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Whether an empty list of kinds means none or, as no list does, all, the contract leaves open."""
        contacts = self._contacts
        return _hindrances(contacts, kind, empty_is_all=True), _hindrances(contacts, kind, empty_is_all=False)


def _hindrances(contacts: tuple[Contact, ...], kind: str, *, empty_is_all: bool) -> set[tuple[str, str]]:
    if not contacts:
        return {("failed", "no_contact")}
    willing = [c for c in contacts if c.kinds is None or kind in c.kinds or (empty_is_all and not c.kinds)]
    if not willing:
        return {("suppressed", "muted")}
    phones = [read(c.phone) for c in willing if c.phone]
    if not phones:
        return {("failed", "no_contact")}
    if any(phone.sure and phone.number for phone in phones):
        return set()
    return {("failed", "bad_number"), ("failed", "no_contact")}


def _wants(contact: Contact, kind: str) -> bool:
    return not contact.kinds or kind in contact.kinds


class People:
    """All customers. ``travel``: how long news of a profile may be on its way to whoever sends."""

    def __init__(self, profiles: dict[str, list[tuple[Micros, Any]]], calm: Calm, travel: Micros) -> None:
        self._versions = {
            customer_id: [Version(0, None, known=False), *(Version(at, customer) for at, customer in versions)]
            for customer_id, versions in profiles.items()
        }
        self._begins = {c: [version.at for version in versions] for c, versions in self._versions.items()}
        self._nobody = [Version(0, None, known=False)]
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

    def numbers(self) -> Iterator[str]:
        """Every number of every contact, as far as it can be read."""
        for versions in self._versions.values():
            for version in versions:
                for contact in version.customer.contacts if version.customer else ():
                    number = read(contact.phone).number if contact.phone else None
                    if number is not None:
                        yield number
