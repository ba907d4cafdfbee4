"""What people write back: that they want no more of it, at the worst moment; or anything else."""

from schemas.times import DAY, HOUR, MINUTE
from tests.simulation.plan import Story
from tests.simulation.stories.customers import guest
from tests.simulation.stories.moments import between, told_after
from tests.simulation.stories.order import CANCELLED, MATTERS, Order
from tests.simulation.stories.people import Person, numbers_of, person
from tests.simulation.stories.teller import Scene, Teller

STOPS = ("TD", "td", "T", "t", "Ｔ", "ＴＤ", "退订", " 退订 ", "回T", "N", "n")
HARMLESS = ("R", "今天能到吗", "不要退订", "谢谢！", "Tomorrow", "1", "好的👌", "别再打了" * 30, "")


def replies(scene: Scene, count: int) -> list[Story]:
    """So many stories, each of a customer who writes back about when something goes wrong."""
    return [_reply(Teller(scene, "reply", index)) for index in range(count)]


def _reply(teller: Teller) -> Story:
    random = teller.random
    if random.random() < 0.15:
        return _of_a_regular(teller)
    who, at = guest(teller, "2", plain=random.random() < 0.8), teller.moment()
    teller.customer(at - between(random, 0, random.choice((1, 4000))), who.customer_id, who.profile)
    matter = random.choice((*MATTERS, CANCELLED))
    Order(teller, who).tell(matter.fails, at)
    said = at + random.choice((between(random, -3, 3), *(told_after(matter.hold, random) for _ in range(2))))
    for number in who.numbers[: random.choice((1, 1, 3))]:
        teller.reply(said, number, random.choice(STOPS if random.random() < 0.7 else HARMLESS))
        if random.random() < 0.2:
            teller.reply(said + between(random, 0, 60), number, random.choice(STOPS))
    for suffix in "bc"[: random.choice((0, 1, 2))]:
        matter = random.choice((*MATTERS, CANCELLED))
        later = said + random.choice((between(random, 0, 5), between(random, 0, 5), MINUTE, 3 * HOUR, DAY))
        Order(teller, who, f"-{suffix}").tell(matter.fails, later)
    if random.random() < 0.2:
        _moves(teller, who, said)
    if who.numbers and random.random() < 0.25:
        _shared(teller, who.numbers[0], said)
    return teller.story()


def _moves(teller: Teller, who: Person, said: int) -> None:
    """The customer has another number from then on, at which nobody has said stop."""
    random = teller.random
    moves = said + random.choice((between(random, -3, 60), HOUR))
    after = person(random, who.customer_id, numbers_of(random, "3", teller.index), plain=True)
    teller.customer(moves, who.customer_id, after.profile)
    Order(teller, who, "-m").tell("payment.failed", moves + random.choice((between(random, -2, 9), HOUR)))


def _shared(teller: Teller, number: str, said: int) -> None:
    """The number is another customer's as well, who is silenced with it."""
    random = teller.random
    other = person(random, f"C-{teller.name}-other", [number], plain=True)
    teller.customer(said - between(random, 0, 600), other.customer_id, other.profile)
    Order(teller, other, "-o").tell("address.undeliverable", said + between(random, -8, 8))


def _of_a_regular(teller: Teller) -> Story:
    random, who, at = teller.random, teller.somebody, teller.moment()
    Order(teller, who).tell("stock.shortage", at)
    stops = random.random() < 0.3
    for number in who.numbers[:1]:
        teller.reply(at + between(random, -3, 10), number, random.choice(STOPS if stops else HARMLESS))
    return teller.story()
