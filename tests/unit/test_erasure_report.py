"""What is said of an erased customer: whether it is, what remains until when, and what should be gone."""

from typing import Any

import msgspec
from aiokafka import ConsumerRecord

from agents import shipments
from agents.erasure_report import Report, report
from agents.erasure_traces import Traces
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros, instant
from streams import topics
from streams.engine.table import Codec
from streams.operators.sending import nameless
from streams.operators.sending.outbox import Decided, Outbox
from streams.operators.watch import Named, Shipment
from streams.policy.keeping import keeping
from streams.policy.opt_outs import Hasher
from tests.driver import START
from tests.events import CUSTOMER, event
from tests.unit.test_keeping import DEFAULTS

SECRET = Hasher("secret")
KEPT = {topic.name: keeping(DEFAULTS | topic.config) for topic in topics.TOPICS}
SENDER, LOGISTICS = topics.changelog("sender").name, topics.changelog("logistics").name
ERASED = START + HOUR
REMEMBERED = Outbox(erased=True, erased_until=ERASED + 30 * DAY)


class Kafka:
    """The records that there are."""

    def __init__(self) -> None:
        self.traces = Traces("C1", SECRET)
        self._offset = 0

    def holds(self, topic: str, key: bytes, value: Any, at: Micros = START, partition: int = 0) -> "Kafka":
        self._offset += 1
        if isinstance(value, msgspec.Struct):
            value = Codec(type(value)).encode(value)
        if isinstance(value, dict):
            value = msgspec.json.encode(value)
        of = {"timestamp_type": 0, "checksum": None, "serialized_key_size": 0, "serialized_value_size": 0}
        self.traces.take(
            ConsumerRecord(topic, partition, self._offset, at // 1000, key=key, value=value, headers=(), **of)
        )
        return self

    def says(self, now: Micros = ERASED + MINUTE, **config: str) -> Report:
        kept = KEPT | {
            name: keeping(DEFAULTS | next(t for t in topics.TOPICS if t.name == name).config | {"retention.ms": ms})
            for name, ms in config.items()
        }
        return report("C1", self.traces, kept, now)


def erased() -> Kafka:
    """A customer whose erasure was taken in."""
    kafka = Kafka()
    for topic in ("customers", "profiles"):
        kafka.holds(topic, b"C1", CUSTOMER).holds(topic, b"C1", None, ERASED)
    kafka.holds(SENDER, b"C1", Outbox(decided=(Decided("cmd", ERASED + DAY),)))
    return kafka.holds(SENDER, b"C1", None, ERASED).holds(SENDER, nameless.key(SECRET, "C1"), REMEMBERED, ERASED)


def test_erased_and_nothing_past_its_time() -> None:
    said = erased().says()
    assert said.holds
    assert (said.verdict, said.erased_at) == ("erased", instant(ERASED))
    assert said.remembered_until == instant(ERASED + 30 * DAY)
    assert {(g.topic, g.what) for g in said.traces} == {
        (topic, what) for topic in ("customers", "profiles", SENDER) for what in ("replaced", "null")
    }


def test_what_compaction_ought_to_have_taken_is_past_its_time() -> None:
    said = erased().says(now=ERASED + DAY)
    assert not said.holds
    assert {(g.topic, g.what, g.overdue) for g in said.traces if g.overdue} == {
        ("customers", "replaced", 1),
        ("profiles", "replaced", 1),
        ("profiles", "null", 1),
        (SENDER, "replaced", 1),
        (SENDER, "null", 1),
    }


def test_a_record_may_stay_for_its_retention_and_no_longer() -> None:
    kafka = erased().holds("notification-decisions", b"C1", {"customer_id": "C1"})
    (group,) = [g for g in kafka.says().traces if g.topic == "notification-decisions"]
    assert (group.what, group.until, group.overdue) == ("record", instant(START + 31 * DAY + HOUR), 0)
    late = [g.overdue for g in kafka.says(START + 32 * DAY).traces if g.topic == "notification-decisions"]
    assert late == [1]


def test_where_a_topic_keeps_for_ever_nothing_can_be_promised() -> None:
    kafka = erased().holds("orders", b"A1", event("order.paid"))
    assert kafka.says().holds
    said = kafka.says(orders="-1")
    assert not said.holds
    assert [g.until for g in said.traces if g.topic == "orders"] == [None]


def test_a_customer_with_a_profile_is_not_erased() -> None:
    said = Kafka().holds("customers", b"C1", CUSTOMER).says()
    assert (said.verdict, said.holds) == ("not_erased", False)
    assert not any(group.overdue for group in said.traces)


def test_nor_is_one_that_came_back() -> None:
    assert erased().holds("customers", b"C1", CUSTOMER, ERASED + SECOND).says().verdict == "not_erased"


def test_what_upstream_published_last_counts_on_whatever_partition() -> None:
    kafka = erased().holds("customers", b"C1", CUSTOMER, ERASED - SECOND, partition=2)
    assert kafka.says().verdict == "erased"


def test_what_can_not_be_read_is_no_profile_but_remains() -> None:
    said = erased().holds("customers", b"C1", b"{", ERASED + SECOND).says()
    assert (said.verdict, said.holds) == ("erased", False)


def test_an_erasure_that_was_not_taken_in_is_none_yet() -> None:
    kafka = Kafka().holds("customers", b"C1", CUSTOMER).holds("customers", b"C1", None, ERASED)
    said = kafka.holds("profiles", b"C1", CUSTOMER).says()
    assert (said.verdict, said.holds) == ("erased", False)
    assert [g.why for g in said.traces if g.overdue] == ["not erased here"]


def test_a_state_that_knows_of_no_erasure_is_past_its_time() -> None:
    kafka = erased().holds(SENDER, b"C1", Outbox(decided=(Decided("cmd", ERASED + DAY),)), ERASED)
    assert [g.why for g in kafka.says().traces if g.overdue] == ["not erased here"]


def test_an_order_with_the_same_letters_is_none_of_its_own() -> None:
    kafka = erased().holds("orders", b"C1", event("order.paid", order_id="C1", customer_id="C2"))
    assert "orders" in kafka.says().clean


def test_what_a_provider_was_asked_may_be_seen_through_for_minutes() -> None:
    kafka = erased().holds(SENDER, b"C1", REMEMBERED, ERASED)
    assert kafka.says(ERASED + MINUTE).holds
    assert not kafka.says(ERASED + HOUR).holds


def test_a_parcel_under_way_may_name_it_and_one_that_ended_does_not() -> None:
    watched = Shipment(START, "E1", named=Named(START, "E1", "A1", "C1", "sf"))
    kafka = erased().holds(LOGISTICS, b"T1", watched)
    (group,) = [g for g in kafka.says().traces if g.topic == LOGISTICS]
    assert (group.what, group.overdue) == ("newest", 0)
    assert not kafka.says(START + 31 * DAY).holds
    kafka.holds(LOGISTICS, b"T1", Shipment(0, "", ended_until=START + 7 * DAY), START + MINUTE)
    assert [g.what for g in kafka.says().traces if g.topic == LOGISTICS] == ["replaced"]


def test_long_after_the_erasure_is_known_without_its_day() -> None:
    left = Outbox(erased=True, decided=(Decided("cmd", ERASED + 40 * DAY),))
    said = Kafka().holds(SENDER, nameless.key(SECRET, "C1"), left).says(ERASED + 35 * DAY)
    assert (said.verdict, said.erased_at, said.holds) == ("erased", None, True)


def test_what_is_found_for_it_when_nobody_remembers_is_not_held_against_it() -> None:
    kafka = Kafka().holds("customers", b"C1", None, ERASED)
    late = ERASED + 31 * DAY
    kafka.holds(SENDER, b"C1", Outbox(decided=(Decided("cmd", late + 7 * DAY),)), late)
    (group,) = [g for g in kafka.says(late).traces if g.topic == SENDER]
    assert group.overdue == 0


def test_who_is_named_nowhere_is_unknown() -> None:
    said = Kafka().holds("customers", b"C2", CUSTOMER | {"customer_id": "C2"}).says()
    assert (said.verdict, said.holds, said.traces) == ("unknown", False, [])


def test_a_topic_that_is_not_there_is_said() -> None:
    said = report("C1", erased().traces, {k: v for k, v in KEPT.items() if k != "inventory"}, ERASED)
    assert said.missing == ["inventory"]
    assert "orders" in said.clean


def test_the_states_are_read_as_their_tasks_write_them() -> None:
    assert shipments.kind().codec.decode(Codec(Shipment).encode(Shipment(1, "E1"))) == Shipment(1, "E1")
