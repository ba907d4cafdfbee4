"""Brings each customer's profile to the partition on which its commands are: upstream may place it by any rule."""

import re

from agents.stateless import Nothing, Stateless
from schemas.customers import Customer
from streams import topics
from streams.decode import Decoder
from streams.engine.table import Codec
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.errors import Invalid
from streams.policy.rules import Rules

_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}").fullmatch


class Customers(Stateless):
    """The processor of the task ``customers``. What can't be read leaves the former profile as it is."""

    def __init__(self) -> None:
        self._decode: Decoder[Customer] = Decoder(Customer, "customer_id")

    def record(self, turn: Turn[Nothing, Rules], record: Record) -> None:
        """Takes a profile, or, by a null value, the customer's erasure."""
        if record.value is None:
            _erase(turn, record)
        elif profile := self._decode(record):
            turn.count("events", record.topic, "profile")
            turn.emit(topics.PROFILES.name, profile.customer_id, profile)


def _erase(turn: Turn[Nothing, Rules], record: Record) -> None:
    if record.key is None:
        raise Invalid("key_mismatch", "the key is null")
    if not _ID(record.key):
        raise Invalid("bad_value", "the key is no customer_id")
    turn.count("events", record.topic, "erasure")
    turn.tombstone(topics.PROFILES.name, record.key.decode())


def kind() -> TaskKind[Nothing, Rules]:
    """The task ``customers``."""
    return TaskKind("customers", (topics.CUSTOMERS.name,), Customers(), Codec(Nothing), clock="wall")
