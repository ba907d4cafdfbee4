"""Tells one story: collects its acts, and adds what comes over any event on its way, late, twice and out of order."""

from random import Random
from typing import Any, Literal

import msgspec

from schemas.times import HOUR, MINUTE, SECOND, Micros
from tests.simulation.plan import Publish, Reply, Say, Story
from tests.simulation.stories.moments import around, between, written
from tests.simulation.stories.people import Person, Profile

_json = msgspec.json.Encoder().encode


class Outage(msgspec.Struct):
    """What was to be published to ``topic`` from ``begins`` to ``ends`` is so in one go at the end of it.

    ``stamped``: its records still say when they were made.
    """

    topic: str
    begins: Micros
    ends: Micros
    stamped: bool


class Scene(msgspec.Struct):
    """What the stories of a run have in common. Nothing happens from ``end`` on."""

    seed: int
    end: Micros
    people: list[Person]
    consignors: list[Person]
    outage: Outage | None


class Teller:
    """The teller of the story ``name``; ``index`` is its own among the stories of its kind."""

    def __init__(self, scene: Scene, kind: str, index: int) -> None:
        self.name = f"{kind}-{index}"
        self.index = index
        self.scene = scene
        self.random = Random(f"{scene.seed}/{self.name}")
        self.skew = self._skew()
        self._events = 0
        self._acts: list[Publish | Reply | Say] = []

    @property
    def somebody(self) -> Person:
        """One of the customers that all stories share."""
        return self.random.choice(self.scene.people)

    def occurred(self, at: Micros) -> Micros:
        """When something occurred of which one hears ``at``: a little before, by a clock that may be wrong."""
        return at - between(self.random, 0, self.random.choice((0.2, 0.2, 2))) + self.skew

    def moment(self, *, until: Micros | None = None) -> Micros:
        """Any moment of the run; ``until`` bounds it."""
        return self.random.randrange(min(self.scene.end, until or self.scene.end))

    # What happens.

    def order(
        self, kind: str, at: Micros, order_id: str, customer_id: str, occurred: Micros | None = None, **fields: Any
    ) -> Publish:
        """An event of an order is published ``at``; it occurred a little before unless ``occurred`` says when."""
        ids = {"order_id": order_id, "customer_id": customer_id}
        return self.publish("orders", order_id, self.event(kind, at, occurred) | ids | fields, at)

    def parcel(self, kind: str, at: Micros, tracking_no: str, occurred: Micros | None = None, **fields: Any) -> Publish:
        """The same of a parcel."""
        event = self.event(kind, at, occurred) | {"tracking_no": tracking_no}
        return self.publish("logistics", tracking_no, event | fields, at)

    def customer(self, at: Micros, customer_id: str, profile: Profile | None) -> Publish:
        """A customer's profile is published, or with ``None`` erased."""
        return self.publish("customers", customer_id, profile, at)

    def reply(self, at: Micros, number: str, content: str) -> None:
        """The owner of ``number`` writes back."""
        self._add(Reply(at, number, content))

    def say(self, at: Micros, storm: str, word: Literal["tell", "drop"] | None) -> None:
        """An operator says what is to become of a storm."""
        self._add(Say(at, storm, word))

    def event(self, kind: str, at: Micros, occurred: Micros | None = None) -> dict[str, Any]:
        """The fields that all events carry, and now and then some that nobody has announced."""
        random = self.random
        self._events += 1
        if occurred is None:
            occurred = self.occurred(at)
        event: dict[str, Any] = {
            "event_id": f"{random.choice('0Az_')}{self.name}-{self._events}",  # ids are not in the order of time
            "type": kind,
            "occurred_at": written(random, occurred),
        }
        if random.random() < 0.06:
            event |= {"merchant_id": random.choice((None, "M-1")), "trace": {"hops": [1, None, {"来源": "🏬"}]}}
        return event

    def publish(self, topic: str, key: str | None, value: Any, at: Micros) -> Publish:
        """Anything is published; a ``value`` of ``None`` is no value."""
        return self.raw(topic, key, None if value is None else _json(value).decode(), at)

    def raw(self, topic: str, key: str | None, value: str | None, at: Micros) -> Publish:
        """The same, the value already written."""
        act = self._held_up(Publish(at, topic, key, value))
        self._add(act)
        return act

    def again(self, act: Publish, at: Micros) -> None:
        """The same record comes once more."""
        self._add(msgspec.structs.replace(act, at=at, timestamp=None))

    def story(self) -> Story:
        """All that was told, with what comes over it on its way."""
        random = self.random
        if random.random() < 0.3:
            self._redeliver(random.choice((0.1, 0.3, 1)))
        if random.random() < 0.1:
            self._disorder()
        return Story(self.name, self._acts)

    # What comes over it.

    def _add(self, act: Publish | Reply | Say) -> None:
        if act.at < self.scene.end:
            self._acts.append(act if act.at >= 0 else msgspec.structs.replace(act, at=0))

    def _held_up(self, act: Publish) -> Publish:
        outage, random = self.scene.outage, self.random
        if outage is not None and act.topic == outage.topic and outage.begins <= act.at < outage.ends:
            at = outage.ends + between(random, 0, 2)
            return msgspec.structs.replace(act, at=at, timestamp=act.at if outage.stamped else None)
        if act.topic in ("orders", "logistics") and random.random() < 0.03:
            stamp = act.at + random.choice((-1, -1, 0.2)) * between(random, 0, random.choice((1, 30, 300)))
            return msgspec.structs.replace(act, timestamp=int(stamp))
        return act

    def _redeliver(self, rate: float) -> None:
        random = self.random
        for act in list(self._acts):
            if isinstance(act, Publish) and random.random() < rate:
                longest = SECOND if act.topic == "customers" else random.choice((SECOND, MINUTE, HOUR, 30 * HOUR))
                self.again(act, act.at + random.randrange(longest))

    def _disorder(self) -> None:
        """Records that come one after the other change places."""
        acts, random = self._acts, self.random
        for index in range(1, len(acts)):
            one, other = acts[index - 1], acts[index]
            if isinstance(one, Publish) and isinstance(other, Publish) and random.random() < 0.5:
                acts[index - 1] = msgspec.structs.replace(other, at=one.at, timestamp=None)
                acts[index] = msgspec.structs.replace(one, at=other.at, timestamp=None)

    def _skew(self) -> Micros:
        if self.random.random() < 0.85:
            return 0
        return around(self.random, self.random.choice((0, 0, -5, 5)) * MINUTE, 4 * MINUTE)
