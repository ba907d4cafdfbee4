"""Where our topics and the inputs name a customer, and which of these records are only waiting for compaction.

Read as everything of ours reads, committed records only: what a transaction left that was aborted nobody reads, and it
goes with the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from aiokafka import ConsumerRecord

from agents import orders, receipts, shipments
from agents.topic_reader import Progress, read_once
from schemas.customers import Customer
from schemas.times import Micros
from streams import topics
from streams.errors import Unavailable
from streams.operators.sending import nameless, stored
from streams.operators.sending.outbox import Outbox
from streams.policy.opt_outs import Hasher
from streams.policy.traces import Looking

What = Literal["record", "replaced", "null", "newest"]
"""A record that goes by retention; and, where only the newest of each key stays: one that a newer has replaced, the
null record that says that there is nothing any more, the one that stays."""

_SENDER = topics.changelog("sender").name
_BY_CUSTOMER = frozenset(topic.name for topic in topics.TOPICS if topic.key == "customer_id") | {_SENDER}
_COMPACTED = frozenset(topic.name for topic in topics.TOPICS if topic.compacted)
_STATES: Mapping[str, Callable[[bytes], Any]] = {
    topics.CUSTOMERS.name: msgspec.json.Decoder(Customer).decode,
    _SENDER: stored.CODEC.decode,
    topics.changelog("orders").name: orders.kind().codec.decode,
    topics.changelog("logistics").name: shipments.kind().codec.decode,
    topics.changelog("receipts").name: receipts.kind().codec.decode,
}


class Trace(msgspec.Struct):
    """A record that names the customer. ``state`` is what it says, where it is a state or a profile that can be read;
    ``replaced_at`` when a newer record of its key was written."""

    topic: str
    at: Micros
    null: bool
    state: Any = None
    replaced_at: Micros | None = None

    @property
    def what(self) -> What:
        """What becomes of it."""
        if self.topic not in _COMPACTED:
            return "record"
        if self.replaced_at is not None:
            return "replaced"
        return "null" if self.null else "newest"


class Traces:
    """Takes all records, keeps those that name the customer. ``left``: what the sender keeps of it without a name."""

    def __init__(self, customer_id: str, hasher: Hasher) -> None:
        self._looking = Looking(customer_id)
        self._nameless = nameless.key(hasher, customer_id)
        self._newest: dict[tuple[str, int, bytes | None], Trace] = {}
        self.found: list[Trace] = []
        self.read = Counter[str]()
        self.left: Outbox | None = None

    def take(self, record: ConsumerRecord) -> None:
        """Takes a record; those of a partition come in their order."""
        topic, key, value, at = record.topic, record.key, record.value, record.timestamp * 1000
        self.read[topic] += 1
        if topic == _SENDER and key == self._nameless:
            self.left = None if value is None else _outbox(value)
        place = topic, record.partition, key
        former = self._newest.pop(place, None)
        if former is not None:
            former.replaced_at = at
        if key == topics.BEAT or not self._names(topic, key, value):
            return
        trace = Trace(topic, at, value is None, _state(topic, value))
        self.found.append(trace)
        if topic in _COMPACTED:
            self._newest[place] = trace

    def said_last(self) -> Trace | None:
        """What upstream said last of the customer: its profile, or null; what can't be read says nothing."""
        said = (t for t in self.found if t.topic == topics.CUSTOMERS.name and (t.null or t.state is not None))
        return max(enumerate(said), key=lambda nth: (nth[1].at, nth[0]), default=(0, None))[1]

    def profile(self) -> Trace | None:
        """The newest of ``profiles``."""
        return next((t for t in self.found if t.topic == topics.PROFILES.name and t.replaced_at is None), None)

    def _names(self, topic: str, key: bytes | None, value: bytes | None) -> bool:
        if topic in _BY_CUSTOMER and key == self._looking.key:
            return True
        if value is None:
            return False
        if topic == topics.DEAD_LETTERS.name:
            return self._looking.in_dead_letter(value, _BY_CUSTOMER)
        if not self._looking.may_be_in(value):
            return False
        state = _state(topic, value)
        return self._looking.in_json(value) if state is None else self._looking.in_value(state)


def _state(topic: str, value: bytes | None) -> Any:
    """The state that a value is; ``None`` for what is none, can't be read, or was written by another version."""
    decode = _STATES.get(topic)
    if decode is None or value is None:
        return None
    try:
        return decode(value)
    except (Unavailable, msgspec.DecodeError):
        return None


def _outbox(value: bytes) -> Outbox | None:
    state = _state(_SENDER, value)
    return state if isinstance(state, Outbox) else None


async def read(
    brokers: Sequence[str], there: Iterable[str], customer_id: str, hasher: Hasher, progress: Progress
) -> Traces:
    """Reads the topics ``there`` to the end that they have now. ``Unavailable`` where Kafka does not answer in time."""
    traces = Traces(customer_id, hasher)
    await read_once(brokers, there, traces.take, isolation_level="read_committed", progress=progress)
    return traces
