"""Stories of parcels: scanned, silent for longer than allowed, heard of again, delivered or lost."""

from random import Random
from typing import Any

from schemas.times import SECOND
from tests.soak import rules
from tests.soak.acts import Act, Person, Story, parcel_event

_SILENCE = rules.STALLED_AFTER / SECOND
_NAMED = "shipment.dispatched"


def parcel_story(random: Random, tracking_no: str, order_id: str, person: Person) -> Story:
    """What becomes of one parcel."""
    story: Story = []

    def tell(after: float, kind: str, *, ago: float = 0, **more: Any) -> None:
        story.append(Act(after, parcel_event(random, kind, tracking_no, ago=ago, **more)))

    named: dict[str, Any] = {
        "order_id": order_id,
        "customer_id": person.customer_id,
        "carrier": random.choice(("顺丰", "中通")),
    }
    # Now and then the first scans come before the dispatch.
    tell(0 if random.random() < 0.85 else random.uniform(0, _SILENCE + 10), _NAMED, **named)
    at = 0.0
    for _ in range(random.randint(2, 7)):
        at += _gap(random)
        if random.random() < 0.1:
            tell(
                at,
                "shipment.delay_reported",
                reason=random.choice(("weather", "customs", "other")),
                expected_days="1-2",
            )
        else:
            # Some come late, and say of a moment before what is known already.
            tell(at, "shipment.scanned", ago=random.choice((0, 0, 0, 0, 4 + 26 * random.random())), location="上海")
        if random.random() < 0.05:
            story.append(story[-1]._replace(after=at + random.uniform(0, 40)))
    if random.random() < 0.7:
        tell(at + _gap(random), random.choice(("shipment.delivered", "shipment.delivered", "shipment.returned")))
    return story


def _gap(random: Random) -> float:
    """Mostly short; now and then just about as long as the carrier may be silent, or a good deal longer."""
    match random.randrange(8):
        case 0:
            return _SILENCE + random.uniform(-0.5, 1.5)
        case 1 | 2:
            return _SILENCE + random.uniform(3, 25)
        case _:
            return random.uniform(1, 12)
