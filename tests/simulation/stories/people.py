"""The customers of a run, and what their profiles say."""

from collections.abc import Iterable
from random import Random
from typing import Any

from msgspec import Struct

from schemas.words import KINDS
from tests.simulation.deliveries import DEAD_NUMBER
from tests.simulation.stories import words
from tests.simulation.vendor import BAD_NUMBER

Profile = dict[str, Any]
_PREFIXES = ("138", "139", "150", "177", "186", "199")


class Person(Struct):
    """A customer, its profile as first published, and the numbers on which it can hear, as the vendor writes them."""

    customer_id: str
    profile: Profile
    numbers: list[str]

    def variant(self, random: Random, spare: str) -> Profile:
        """The profile after a change. ``spare`` is a number that the customer may move to."""
        contacts = [dict(contact) for contact in self.profile["contacts"]]
        match random.choice(("moved", "moved", "removed", "tier", "kinds", "added", "respelled", "emptied")):
            case "removed" if contacts:
                contacts.pop(random.randrange(len(contacts)))
            case "tier":
                return self.profile | {"tier": random.choice(("vip", "regular", "new"))}
            case "kinds" if contacts:
                contacts[0]["kinds"] = _some_kinds(random)
            case "added":
                contacts.append({"contact_id": "K9", "role": "other", "phone": spare})
            case "respelled" if contacts and self.numbers:
                contacts[0]["phone"] = words.spelled(random, self.numbers[0])
            case "emptied":
                contacts = []
            case _:
                for contact in contacts[:1]:
                    contact["phone"] = words.spelled(random, spare)
        return self.profile | {"contacts": contacts}


def person(random: Random, customer_id: str, own: Iterable[str], *, plain: bool = False) -> Person:
    """Somebody with up to three contacts, whose numbers are taken from ``own``. ``plain``: sure to hear."""
    free, numbers = iter(own), list[str]()
    count = 1 if plain else random.choices((0, 1, 2, 3), (3, 62, 25, 10))[0]
    contacts = [_contact(random, index, free, numbers, plain) for index in range(count)]
    tier = random.choice(("vip", "regular", "new"))
    profile: Profile = {"customer_id": customer_id, "tier": tier, "contacts": contacts}
    if random.random() < 0.15:
        profile["preferences"] = _preferences(random)
    if random.random() < 0.2:
        profile["marketing_consent"] = random.choice((True, False, None))
    return Person(customer_id, profile, numbers)


def numbers_of(random: Random, group: str, index: int) -> list[str]:
    """Five numbers that nobody else has. ``group``, a digit, and ``index``, below 1,000, say whose they are."""
    return [_number(random, f"{group}{index:03}", last) for last in range(1, 6)]


def _number(random: Random, owner: str, last: int) -> str:
    chance = random.random()
    if chance < 0.02:
        return f"8526{owner}{last:03}"
    end = random.choice((BAD_NUMBER, DEAD_NUMBER)) if chance < 0.06 else f"{last:04}"
    return f"{random.choice(_PREFIXES)}{owner}{end}"


def _contact(random: Random, index: int, free: Iterable[str], numbers: list[str], plain: bool) -> Profile:
    contact: Profile = {"contact_id": f"K{index + 1}", "role": random.choice(("buyer", "buyer", "other", "consignor"))}
    phone = _phone(random, iter(free), numbers, plain)
    if phone is not None:
        contact["phone"] = phone
    if random.random() < 0.5:
        contact["name"] = words.person_name(random)
    if random.random() < 0.2:
        contact |= {"email": "an@example.com", "push_ids": ["p-1", "p-2"], "wechat_openid": None}
    if not plain and random.random() < 0.1:
        contact["kinds"] = _some_kinds(random)
    return contact


def _phone(random: Random, free: Iterable[str], numbers: list[str], plain: bool) -> str | None:
    chance = 0 if plain else random.random()
    if chance > 0.97:
        return None
    if chance > 0.87:
        return words.not_a_mobile(random)
    if chance > 0.72 and numbers:
        return words.spelled(random, numbers[0])
    numbers.append(next(iter(free)))
    return words.spelled(random, numbers[-1])


def _some_kinds(random: Random) -> list[str]:
    return random.sample([*KINDS, "stock_replenished"], random.randrange(4))


def _preferences(random: Random) -> Profile:
    return {"personalised": random.choice((True, False))}
