"""The customers of a run, and what their profiles say."""

from collections.abc import Iterable
from random import Random
from typing import Any

from msgspec import Struct

from schemas.words import KINDS
from tests.simulation.deliveries import DEAD_NUMBER
from tests.simulation.mail_words import NO_MAILBOX
from tests.simulation.manner import BAD_NUMBER
from tests.simulation.stories import words
from tests.simulation.wechat import REFUSING

Profile = dict[str, Any]
_PREFIXES = ("138", "139", "150", "177", "186", "199")
_LETTERS = "ABCDEFGHabcdefgh0123456789_-"
_ELSEWHERE = ("push_ids", "wechat_openid", "email")
_CHANNELS = ("sms", "push", "wechat", "email", "inbox")
_MUTABLE = (*KINDS, "stock_replenished", "shipment_resumed", "contact_check", "contact_invalid")
_QUIET = (
    *(("22:00", "07:00"),) * 4,
    ("23:30", "06:15"),
    ("21:00", "08:00"),
    ("12:00", "14:00"),
    ("07:00", "22:00"),
    ("00:00", "23:59"),
    ("08:00", "08:00"),
    ("10:15", "10:16"),
)
"""At night, at noon, of those who work at night, nearly always, never, and for a minute."""
_ZONES = (
    *("Asia/Shanghai",) * 5,
    "America/Los_Angeles",
    "Europe/London",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "America/St_Johns",
)


class Person(Struct):
    """A customer, its profile as first published, and the numbers on which it can hear, as the vendor writes them."""

    customer_id: str
    profile: Profile
    numbers: list[str]

    def variant(self, random: Random, spare: str) -> Profile:
        """The profile after a change. ``spare`` is a number that the customer may move to."""
        contacts = [dict(contact) for contact in self.profile["contacts"]]
        changes = ("moved", "moved", "removed", "tier", "kinds", "added", "respelled", "emptied", "wishes", "elsewhere")
        match random.choice(changes):
            case "wishes":
                return self.profile | {"preferences": preferences(random, plain=False)}
            case "removed" if contacts:
                contacts.pop(random.randrange(len(contacts)))
            case "tier":
                return self.profile | {"tier": random.choice(("vip", "regular", "new"))}
            case "kinds" if contacts:
                contacts[0]["kinds"] = _some_kinds(random)
            case "added":
                contacts.append({"contact_id": "K9", "role": "other", "phone": spare})
            case "elsewhere" if contacts:
                named = f"{self.customer_id}-{random.randrange(10, 99)}"
                contacts[0] = {k: v for k, v in contacts[0].items() if k not in _ELSEWHERE} | elsewhere(random, named)
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
    contacts = [_contact(random, customer_id, index, free, numbers, plain) for index in range(count)]
    if len(contacts) > 1 and random.random() < 0.1:
        contacts[-1] |= {"push_ids": contacts[0].get("push_ids")}
    tier = random.choice(("vip", "regular", "new"))
    profile: Profile = {"customer_id": customer_id, "tier": tier, "contacts": contacts}
    if random.random() < (0.15 if plain else 0.4):
        profile["preferences"] = preferences(random, plain=plain)
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


def _contact(random: Random, owner: str, index: int, free: Iterable[str], numbers: list[str], plain: bool) -> Profile:
    contact: Profile = {"contact_id": f"K{index + 1}", "role": random.choice(("buyer", "buyer", "other", "consignor"))}
    phone = _phone(random, iter(free), numbers, plain)
    if phone is not None:
        contact["phone"] = phone
    if random.random() < 0.5:
        contact["name"] = words.person_name(random)
    contact |= elsewhere(random, f"{owner}-{index}")
    if not plain and random.random() < 0.1:
        contact["kinds"] = _some_kinds(random)
    if random.random() < 0.3:
        contact["verified_at"] = random.choice(("2024-02-29T08:00:00+08:00", "2025-11-20T00:00:00Z", None))
    return contact


def elsewhere(random: Random, owner: str) -> Profile:
    """Where somebody is reached beside the telephone: at as many places as there are, or at none."""
    found: Profile = {}
    if random.random() < 0.5:
        devices = [
            f"{random.randrange(16**3):03x}{owner}-{n}-{_end(random)}"[-64:] for n in range(random.choice((1, 1, 2, 3)))
        ]
        found["push_ids"] = random.choice((devices, devices, devices, devices, [], ["设备 1"], None))
    if random.random() < 0.4:
        follower = "o" + "".join(random.choices(_LETTERS, k=23)) + _end(random)
        found["wechat_openid"] = random.choice((follower, follower, follower, follower, "", "谁", None))
    if random.random() < 0.5:
        mail = f"{owner.lower()}@{random.choice(('example.com', 'mail.example.cn', NO_MAILBOX))}"
        found["email"] = random.choice((mail, mail, mail, mail, "an", "王伟@例子.中国", "", None))
    return found


def _end(random: Random) -> str:
    """How an id ends: some are of nobody, at some nothing arrives, some want nothing."""
    return random.choice((*(f"{random.randrange(1_000, 9_999)}" for _ in range(24)), BAD_NUMBER, DEAD_NUMBER, REFUSING))


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


def preferences(random: Random, *, plain: bool) -> Profile:
    """What the customer asked for; a ``plain`` one only when to be left alone."""
    asked: Profile = {"personalised": random.choice((True, False, None))} if random.random() < 0.3 else {}
    if random.random() < 0.6:
        asked["quiet_hours"] = quiet_hours(random)
    if not plain and random.random() < 0.4:
        asked["channels"] = random.sample(_CHANNELS, random.choice((0, 1, 2, 3, 4, 4, 5)))
    if not plain and random.random() < 0.4:
        asked["muted_kinds"] = random.sample(_MUTABLE, random.choice((0, 1, 1, 2)))
    return asked


def quiet_hours(random: Random) -> Profile:
    """Hours in which nothing may ring, somewhere."""
    begin, end = random.choice(_QUIET)
    return {"from": begin, "to": end, "time_zone": random.choice(_ZONES)}
