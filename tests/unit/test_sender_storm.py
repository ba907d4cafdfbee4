"""Storms: a dead feed, a flood of a kind, a customer with more than anybody has."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from streams.engine.turn import Record
from streams.operators.sending import gate, retries
from streams.operators.sending.outbox import Outbox
from streams.policy.rules import Rules
from tests.driver import NOON, rfc3339
from tests.sending import ANN, FACTS, FOR_NOW, Post
from tests.unit.rules import RULES, rules_with

GUARD_OFF = rules_with("storm_guard = false")
TELL = rules_with('[storm]\nanswers = {"carrier:sf" = "tell"}')
DROP = rules_with('[storm]\nanswers = {"carrier:sf" = "drop"}')
OTHER = rules_with('[storm]\nanswers = {"carrier:yto" = "drop"}')


class Flood(Post):
    """A sender to which much comes at once, and for which time goes in steps."""

    def __init__(self, *, rules: Rules = RULES, now: Micros = NOON) -> None:
        super().__init__(rules=rules, now=now, slots=4_000)
        self._heap: list[Record] | None = None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """All that comes within it comes in one turn."""
        self._heap = []
        yield
        heap, self._heap = self._heap, None
        self._come(*heap)

    def _come(self, *records: Record) -> None:
        if self._heap is None:
            super()._come(*records)
        else:
            self._heap.extend(records)

    def wait(self, by: Micros, step: Micros = MINUTE) -> None:
        """In one turn what falls due within a ``step``."""
        until = self.now + by
        while self.now < until:
            self.driver.advance(min(step, until - self.now), caught_up=False)
        self.driver.advance(0)

    def silent(self, many: int, *, carrier: str = "sf", first: int = 0, every: Micros = 0) -> None:
        """So many parcels of one carrier, of a customer each, are found silent; one fell due ``every`` so long."""
        with self.at_once():
            for number in range(first, first + many):
                customer = f"{carrier}{number}"
                self.profile(phone(number), customer=customer)
                self.notify(
                    "shipment_stalled",
                    f"{carrier}-{number}",
                    customer,
                    occurred_at=rfc3339(self.now - (number - first) * every - DAY),
                    facts=FACTS["shipment_stalled"] | {"carrier": carrier},
                )

    def heard_of(self, numbers: range, *, carrier: str = "sf") -> None:
        """The feed brings updates of these."""
        with self.at_once():
            for number in numbers:
                self.settle("shipment_stalled", f"{carrier}-{number}", f"{carrier}{number}")

    def told(self) -> int:
        """How many go now. They are all accepted."""
        many = 0
        while sends := self.sends:
            for call in sends:
                self.accept(call, message_id=f"m-{call.notification_id}")
            many += len(sends)
            self.wait(SECOND)
        return many

    def told_within(self, by: Micros) -> int:
        """How many go within this time, each accepted soon."""
        until, many = self.now + by, 0
        while self.now < until:
            self.wait(5 * MINUTE, step=5 * MINUTE)
            many += self.told()
        return many

    def names(self) -> set[bytes]:
        """The entries of storms."""
        return {key for key in self.driver.entries if key.startswith(b"*storm/")}


def phone(number: int) -> str:
    return f"139{number:08d}"


def test_of_a_dead_feed_few_are_told_and_none_of_those_that_its_return_settles() -> None:
    post = Flood()
    post.silent(60)
    post.held()
    assert post.told() == 60
    post.silent(200, first=60)
    post.wait(8 * HOUR, step=5 * MINUTE)
    assert post.told() == 0
    post.heard_of(range(60, 255))
    assert post.told_within(45 * MINUTE) == 5, "what was silent indeed is told when the feed is back"
    outcomes = post.outcomes
    assert outcomes.count(("settled", "resolved")) == 195
    assert outcomes.count(("sent", "accepted")) == 65
    assert post.driver.counts["storms", "carrier:sf", "began"] == 1
    assert post.driver.counts["storms", "carrier:sf", "ended"] == 1
    assert post.driver.counts["storm_held", "carrier"] == 200
    said = [(level, event, fields) for level, event, fields in post.driver.said if "storm" in event]
    assert said == [
        ("warning", "storm_began", {"storm": "carrier:sf"}),
        ("info", "storm_ended", {"storm": "carrier:sf"}),
    ]


def test_fewer_than_a_hundred_are_no_storm_and_another_carrier_is_not_held() -> None:
    post = Flood()
    post.silent(99)
    post.silent(150, carrier="yto", first=1_000)
    post.held()
    assert post.told() == 99


def test_without_the_guard_nothing_is_counted_or_held() -> None:
    post = Flood(rules=GUARD_OFF)
    post.silent(150)
    post.held()
    assert post.told() == 150
    assert not post.names()


def test_the_feed_stays_dead_and_what_is_held_expires() -> None:
    post = Flood()
    post.silent(150)
    post.wait(3 * DAY, step=10 * MINUTE)
    assert post.outcomes == [("expired", "overtaken")] * 150
    assert post.told() == 0


@pytest.mark.parametrize(("rules", "gone"), [(TELL, 150), (GUARD_OFF, 150), (OTHER, 0)])
def test_an_operator_has_told_what_is_held_at_once(rules: Rules, gone: int) -> None:
    post = Flood()
    post.silent(150)
    post.held()
    assert post.told() == 0
    post.driver.rules = rules
    post.wait(SECOND)
    assert post.told() == gone


def test_an_operator_has_dropped_what_is_held_and_what_still_comes() -> None:
    post = Flood()
    post.silent(150)
    post.held()
    post.driver.rules = DROP
    post.wait(0)
    assert post.outcomes == [("suppressed", "storm")] * 150
    post.silent(1, first=150)
    post.held()
    assert post.outcomes[150:] == [("suppressed", "storm")]


@pytest.mark.parametrize("word", [TELL, DROP])
def test_a_storm_that_was_answered_is_over_when_the_word_is_taken_out(word: Rules) -> None:
    post = Flood()
    post.silent(150)
    post.held()
    post.driver.rules = word
    post.wait(0)
    post.told()
    post.wait(HOUR, step=5 * MINUTE)
    post.driver.rules = RULES
    post.wait(HOUR, step=5 * MINUTE)
    post.silent(10, first=150)
    post.held()
    assert post.told() == 10
    assert post.driver.counts["storms", "carrier:sf", "ended"] == 1
    assert [event for _, event, _ in post.driver.said if "storm" in event] == ["storm_began", "storm_ended"]
    assert not [total for total in post.driver.lasting if total.gauge == "storms_holding"]


SLEEPS = {"quiet_hours": {"from": "20:00", "to": "08:00", "time_zone": "Asia/Shanghai"}}


def test_what_waits_for_the_morning_is_dropped_though_the_word_is_out_by_then() -> None:
    post = Flood(now=NOON + 8 * HOUR + 45 * MINUTE)
    post.notify("shipment_stalled", "asleep", "c1")
    post.customer({"contact_id": "k1", "role": "buyer", "phone": ANN}, preferences=SLEEPS)
    post.held()
    post.silent(150)
    post.held()
    post.driver.rules = DROP
    post.wait(11 * MINUTE + SECOND)
    assert post.outcomes == [("suppressed", "storm")] * 150
    post.notify("shipment_stalled", "at-night", "c2")
    post.profile(phone(2), customer="c2")
    post.wait(HOUR)
    post.driver.rules = RULES
    post.wait(HOUR)
    post.notify("shipment_stalled", "new", "c3")
    post.profile(phone(3), customer="c3")
    post.wait(9 * HOUR + MINUTE, step=5 * MINUTE)
    assert post.outcomes == [("suppressed", "storm")] * 152
    assert post.send().customer_id == "c3", "it came when the word was out"


def test_a_word_given_before_holds_for_the_storm_and_for_nothing_less() -> None:
    post = Flood(rules=DROP)
    post.silent(50)
    post.held()
    assert post.told() == 50


def test_what_was_planned_before_the_storm_and_has_not_gone_is_held_as_well() -> None:
    post = Flood()
    post.silent(1)
    post.held().refuse_for_now()
    post.silent(150, first=1)
    post.wait(30 * MINUTE)
    assert post.told() == 0
    post.driver.rules = DROP
    post.wait(2 * MINUTE)
    assert post.outcomes == [("suppressed", "storm")] * 151


def test_a_storm_survives_the_death_of_its_worker() -> None:
    post = Flood()
    post.silent(150)
    post.driver.restart()
    post.held()
    assert post.told() == 0


def test_at_night_an_answer_lets_go_in_the_morning() -> None:
    post = Flood(now=NOON + 8 * HOUR)
    post.silent(150)
    post.held()
    post.wait(2 * HOUR)
    post.driver.rules = TELL
    post.wait(MINUTE)
    assert post.told() == 0
    post.wait(10 * HOUR, step=10 * MINUTE)
    assert post.told() == 150


def test_what_an_outage_of_ours_heaps_up_is_told() -> None:
    post = Flood()
    post.silent(400, every=30 * SECOND)
    post.held()
    assert post.told() == 400


def test_thousands_that_are_held_cost_few_looks() -> None:
    post = Flood()
    post.silent(300)
    post.held()
    before = post.driver.changes
    post.wait(HOUR)
    assert post.driver.changes - before <= 300 * 7
    looks = {
        box.notices[0].not_before for box in post.driver.entries.values() if isinstance(box, Outbox) and box.notices
    }
    assert len(looks) > 290, "each at a moment of its own"


def swollen() -> Flood:
    """A day after the first, a thousand of one kind come at once."""
    post = Flood()
    post.profile(ANN)
    post.notify(order="first")
    post.held()
    assert post.told() == 1
    post.wait(DAY, step=HOUR)
    with post.at_once():
        for number in range(1_001):
            post.profile(phone(number), customer=f"c{number}")
            post.notify(order=f"A{number}", customer=f"c{number}")
    return post


def test_a_kind_of_which_ten_times_as_many_come_as_is_usual_is_held_until_it_is_quiet() -> None:
    post = swollen()
    post.notify("stock_shortage", order="other")
    post.wait(20 * MINUTE)
    assert post.told() == 1
    post.wait(12 * MINUTE)
    assert post.told() == 1_001
    assert post.driver.counts["storms", "kind:payment_failed", "ended"] == 1


def test_a_customer_with_more_than_are_usual_in_a_day_waits_with_the_rest() -> None:
    rules = rules_with('merge = false\n[kinds.payment_failed]\nexpire_after = "3d"\n[storm]\ncustomer_daily = 3')
    post = Flood(rules=rules)
    post.profile(ANN)
    for number in range(5):
        post.notify(order=f"A{number}")
        post.held()
        post.told()
    assert len(post.outcomes) == 3
    post.notify(order="B1", customer="c2")
    post.profile(phone(9), customer="c2")
    post.held()
    assert post.told() == 1
    assert post.told_within(23 * HOUR + 50 * MINUTE) == 0
    assert post.told_within(30 * MINUTE) == 2
    assert post.driver.counts["storm_held", "customer"] == 2


def test_a_notice_that_one_contact_has_had_and_another_waits_for_counts_once() -> None:
    post = Flood(rules=rules_with("[storm]\ncustomer_daily = 2"))
    post.profile(ANN, phone(7))
    post.notify(order="A1")
    post.held()
    first, second = post.sends
    post.accept(first)
    post.finish(second, FOR_NOW)
    post.notify(order="A2")
    post.wait(100 * SECOND)
    assert {call.notification_id for call in post.sends} - {second.notification_id}


@pytest.mark.parametrize(("answer", "outcome"), [("tell", ("sent", "accepted")), ("drop", ("suppressed", "storm"))])
def test_an_operator_says_what_becomes_of_a_customers_notices(answer: str, outcome: tuple[str, str]) -> None:
    post = Flood(rules=rules_with("[storm]\ncustomer_daily = 1"))
    post.profile(ANN)
    post.notify(order="A1")
    post.notify(order="A2")
    post.held()
    assert post.told() == 1
    post.driver.rules = rules_with(f'[storm]\ncustomer_daily = 1\nanswers = {{"customer:c1" = "{answer}"}}')
    post.wait(SECOND)
    post.told()
    assert post.outcomes == [("sent", "accepted"), outcome]


def test_all_of_a_storm_leaves() -> None:
    post = Flood()
    post.silent(150)
    post.wait(18 * DAY, step=HOUR)
    assert set(post.driver.entries) <= {retries.KEY, gate.key("aliyun")}
