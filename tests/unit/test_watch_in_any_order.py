"""Whatever the order in which a shipment's updates come, and however often, the same is told of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agents import shipments
from schemas.times import DAY, HOUR, MINUTE, Micros, micros
from streams.engine.turn import Record
from streams.operators.watch import Shipment
from tests.driver import START, Driver, record
from tests.events import event
from tests.unit.rules import RULES

KINDS = ("dispatched", "scanned", "scanned", "delay_reported", "delivered", "returned")
MOMENTS = st.integers(-60, 10).map(lambda half_hours: START + half_hours * HOUR // 2)


class Update(NamedTuple):
    """One update, and when its record was first written."""

    kind: str
    event_id: str
    at: Micros
    stamp: Micros
    reason: str

    @property
    def counts_from(self) -> Micros:
        return self.at if self.at <= self.stamp + 5 * MINUTE else self.stamp

    @property
    def age(self) -> tuple[Micros, str]:
        return self.counts_from, self.event_id

    @property
    def ends(self) -> bool:
        return self.kind in {"delivered", "returned"}

    def record(self, stamp: Micros) -> Record:
        fields: dict[str, Any] = {"reason": self.reason} if self.kind == "delay_reported" else {}
        if self.kind == "dispatched":
            fields = {"order_id": f"A-{self.event_id}", "customer_id": f"C-{self.event_id}"}
        value = event(f"shipment.{self.kind}", at=self.at, event_id=self.event_id, **fields)
        return record("logistics", "T1", value, stamp)


@st.composite
def updates(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> list[Update]:
    """Up to eight updates, no two with one id, in any order; each was written at most a day ago."""
    return [
        Update(
            draw(st.sampled_from(kinds)),
            event_id,
            draw(MOMENTS),
            START - draw(st.integers(0, 24)) * HOUR,
            draw(st.sampled_from(("weather", "customs"))),
        )
        for event_id in draw(st.permutations("abcdefgh"))[: draw(st.integers(1, 8))]
    ]


class Delivery(NamedTuple):
    """An update that comes, for the first time or again with a later record."""

    update: Update
    stamp: Micros

    @property
    def record(self) -> Record:
        return self.update.record(self.stamp)


@st.composite
def deliveries(draw: st.DrawFn, all_of: list[Update]) -> list[Delivery]:
    """The updates in any order, some again and again."""
    coming = [Delivery(update, update.stamp) for update in draw(st.permutations(all_of))]
    for update in draw(st.lists(st.sampled_from(all_of), max_size=8)):
        first = coming.index(Delivery(update, update.stamp))
        place = draw(st.integers(first + 1, len(coming)))
        coming.insert(place, Delivery(update, min(START, update.stamp + draw(st.integers(1, 30)) * HOUR)))
    return coming


def state(driver: Driver[Shipment]) -> list[Any]:
    """The entry, without the order in which future-dated updates came."""
    return [replace(entry, future=tuple(sorted(entry.future))) for entry in driver.entries.values()]


def watched(coming: list[Delivery]) -> Driver[Shipment]:
    driver = Driver(shipments.kind(), RULES, now=START)
    driver.feed(*(delivery.record for delivery in coming))
    return driver


def stall(all_of: list[Update]) -> dict[str, Any] | None:
    """What the contract says must be told when no more comes."""
    dispatches = [update for update in all_of if update.kind == "dispatched"]
    if not dispatches or any(update.ends for update in all_of):
        return None
    newest = max(all_of, key=lambda update: update.age)
    reports = [update for update in all_of if update.kind == "delay_reported"]
    report = max(reports, key=lambda update: update.age, default=None)
    named = max(dispatches, key=lambda update: update.age).event_id
    told = {"event_id": newest.event_id, "order_id": f"A-{named}", "customer_id": f"C-{named}"}
    if report is not None and newest.counts_from <= report.counts_from + DAY:
        told["cause"] = report.reason
    return told | {"occurred_at": newest.counts_from}


@given(st.data())
def test_any_order_and_repetition_gives_the_same_state_and_stall(data: st.DataObject) -> None:
    all_of = data.draw(updates())
    drivers = [watched(data.draw(deliveries(all_of))) for _ in range(2)]
    assert state(drivers[0]) == state(drivers[1])
    expected = stall(all_of)
    for driver in drivers:
        driver.advance(3 * DAY)
        commands = [
            {name: command[name] for name in ("event_id", "order_id", "customer_id")}
            | {name: command["facts"][name] for name in ("cause",) if name in command["facts"]}
            | {"occurred_at": micros(datetime.fromisoformat(command["occurred_at"]))}
            for command in driver.take("notification-commands")
        ]
        assert commands == ([] if expected is None else [expected])


@given(st.data())
def test_while_they_come_each_silence_is_told_once_and_settled_by_the_next_word(data: st.DataObject) -> None:
    """Against the contract's words, step by step: after each delivery the clock moves on, and the stall that is
    pending is the one that all updates so far make, if its hours are over."""
    all_of = data.draw(updates())
    driver = Driver(shipments.kind(), RULES, now=START)
    so_far: list[Update] = []
    pending: str | None = None
    told: list[str] = []
    for delivery in data.draw(deliveries(all_of)):
        driver.feed(delivery.record)
        so_far.append(delivery.update)
        driver.advance(data.draw(st.integers(0, 10)) * HOUR)  # in all less than the 7 days for which an end is known
        for command in driver.take("notification-commands"):
            if command["kind"] != "shipment_stalled":
                continue  # that it moves again
            if command["action"] == "notify":
                assert pending is None
                pending = command["event_id"]
                told.append(command["event_id"])
            else:
                assert pending is not None
                pending = None
        expected = stall(so_far)
        is_due = expected is not None and expected["occurred_at"] + DAY <= driver.wall
        assert pending == (expected["event_id"] if expected is not None and is_due else None)
    assert len(told) == len(set(told))
