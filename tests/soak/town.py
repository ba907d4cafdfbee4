"""The people of the soak: new ones come all the time, and the older ones order again."""

from random import Random

from tests.soak.acts import Act, Event, Person, Reply, Story
from tests.soak.troubles import BAD_NUMBER

_AT_ONCE = 400
"""How many are remembered to order again."""


class Town:
    """Hands out customers."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0
        self._people: list[Person] = []

    def somebody(self) -> tuple[Person, Story]:
        """Whoever orders next, and what is to be published of them before, meanwhile or never."""
        random = self._random
        if self._people and random.random() < 0.6:
            return random.choice(self._people), []
        person = self._new()
        if random.random() < 0.02:
            return person, []  # nobody ever says who that is
        self._people = [*self._people, person][-_AT_ONCE:]
        # Now and then the profile comes after the trouble, within the time that is waited for it or after it.
        story = [Act(random.choice((0, 0, 0, 0, 0, 3, 15)) * random.random(), person.profile)]
        if random.random() < 0.05:
            story.append(Act(random.uniform(1, 60), person._replace(second=f"137{self._count:08d}").profile))
        return person, story

    def leaving(self) -> Story:
        """Somebody wants no messages any more, or wants to be forgotten."""
        if not self._people:
            return []
        random = self._random
        person = self._people.pop(random.randrange(len(self._people)))
        if random.random() < 0.2:
            return [Act(0, Event("customers", person.customer_id, None))]
        self._people.append(person)  # and orders again all the same
        said = random.choice(("TD", "t", "退订", "回T", "Ｎ", "R", "谢谢"))
        return [Act(0, Reply(person.number, said))] if person.number else []

    def _new(self) -> Person:
        self._count += 1
        random, customer_id = self._random, f"c{self._count}"
        number = f"138{self._count:08d}"
        match random.randrange(40):
            case 0:
                return Person(customer_id, "", written="12")  # which nobody can read
            case 1:
                return Person(customer_id, f"139{self._count:04d}{BAD_NUMBER}"[-11:])
            case 2 | 3 | 4:
                return Person(customer_id, number, second=f"137{self._count:08d}")
            case 5 | 6:
                return Person(customer_id, number, second=f"+86 {number}")
            case _:
                return Person(customer_id, number, written=random.choice((None, f"+86 {number[:3]}-{number[3:]}")))
