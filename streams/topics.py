"""Every topic, declared once: its name, what its key is, how it is cleaned up and for how long it is kept.

What was erased has to be gone from our compacted topics within a day. Kafka takes away what a newer record of the same
key has replaced once the segment that holds it is closed, and then the null record itself when whoever reads has had
time to see it. So segments are closed every few hours and cleaned when they are, however little is to be won by it
(``max.compaction.lag.ms`` overrules ``min.cleanable.dirty.ratio``). A segment is closed only when a record comes:
``agents/beats.py`` writes one where none does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

_HOUR_MS = 60 * 60 * 1000
_DAY_MS = 24 * _HOUR_MS
_COMPACTED = {"max.compaction.lag.ms": str(4 * _HOUR_MS), "segment.ms": str(4 * _HOUR_MS)}
_NULLS_OF_OURS = {"delete.retention.ms": str(8 * _HOUR_MS)}
_NULLS_OF_OTHERS = {"delete.retention.ms": str(7 * _DAY_MS)}
"""Of others' a null is kept for as long as their events are: whoever of us was down must still learn of it."""
_IN_A_DAY = {"segment.ms": str(_DAY_MS)}
"""A record is deleted with its segment, so as long after its time as the segment is filled: by default a week."""

BEAT = b"\0beat"
"""The key of a null record that only closes a segment. No id has a NUL, so who reads a table passes over it."""
RECORD_LIMIT = 4 * 1024 * 1024
"""The largest record that we write, in bytes: a dead letter carries up to 256 KiB of somebody else's in base64."""


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One topic of the contract or of our own. ``days`` is the retention; ``None``: as compaction keeps it."""

    name: str
    key: str
    cleanup: Literal["delete", "compact", "compact,delete"] = "delete"
    days: int | None = 7
    external: bool = False
    """Published by others; we only create it where it is missing."""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, str]:
        """The topic's configuration in Kafka."""
        retention = -1 if self.days is None else self.days * _DAY_MS
        return {"cleanup.policy": self.cleanup, "retention.ms": str(retention), **self._segments, **self.extra}

    def created(self, replication: int) -> dict[str, str]:
        """The configuration with which it is created with so many replicas. Of three, two must have a record before
        it counts as written: what only the leader has goes with the leader."""
        return self.config | ({"min.insync.replicas": "2"} if replication >= 3 else {})

    @property
    def compacted(self) -> bool:
        """Whether the newest record of a key is kept."""
        return self.cleanup != "delete"

    @property
    def _segments(self) -> dict[str, str]:
        if self.compacted:
            return _COMPACTED | (_NULLS_OF_OTHERS if self.external else _NULLS_OF_OURS)
        return {} if self.external else _IN_A_DAY


_CREATE_TIME = {"message.timestamp.type": "CreateTime"}

ORDERS = Topic("orders", "order_id", external=True, extra=_CREATE_TIME)
LOGISTICS = Topic("logistics", "tracking_no", external=True, extra=_CREATE_TIME)
CUSTOMERS = Topic("customers", "customer_id", "compact", None, external=True, extra=_CREATE_TIME)
INVENTORY = Topic("inventory", "sku", external=True, extra=_CREATE_TIME)

COMMANDS = Topic("notification-commands", "customer_id")
DECISIONS = Topic("notification-decisions", "customer_id", days=30)
RECEIPTS = Topic("delivery-receipts", "notification_id", days=30)
SERVICE_TASKS = Topic("service-tasks", "customer_id", days=30)
COUPON_GRANTS = Topic("coupon-grants", "customer_id", days=30)
INBOX = Topic("inbox-messages", "customer_id", days=30)
DEAD_LETTERS = Topic(
    "dead-letters", "that of the source record", days=14, extra={"max.message.bytes": str(RECORD_LIMIT)}
)

PROFILES = Topic("profiles", "customer_id", "compact", None)
PROVIDER_CALLBACKS = Topic(
    "provider-callbacks",
    "the id echoed, else provider:message id",
    # A push may have 1 MiB, and an element is stored with what it came with around it.
    extra={"max.message.bytes": str(RECORD_LIMIT)},
)
PROVIDER_MESSAGES = Topic("provider-messages", "provider:message id", "compact,delete", 4)
MESSAGE_REPORTS = Topic("message-reports", "customer_id")
OPT_OUTS = Topic("opt-outs", "HMAC-SHA256 of the number", "compact", None)


def changelog(task: str) -> Topic:
    """The topic that holds a task's state, whose largest entry is a customer's with all that may be open.

    Kafka dates its records, so that whoever commits learns how far its clock is off.
    """
    extra = {"max.message.bytes": str(RECORD_LIMIT), "message.timestamp.type": "LogAppendTime"}
    return Topic(f"{task}-changelog", "the table's key", "compact", None, extra=extra)


SOURCES: Mapping[str, tuple[str, ...]] = {
    "orders": (ORDERS.name,),
    "logistics": (LOGISTICS.name,),
    "customers": (CUSTOMERS.name,),
    "inventory": (INVENTORY.name,),
    "sender": (COMMANDS.name, PROFILES.name, MESSAGE_REPORTS.name),
    "receipts": (PROVIDER_CALLBACKS.name, PROVIDER_MESSAGES.name),
}
"""What each task reads together, so in equally many partitions, its changelog included."""

TOPICS: tuple[Topic, ...] = (
    ORDERS,
    LOGISTICS,
    CUSTOMERS,
    INVENTORY,
    COMMANDS,
    DECISIONS,
    RECEIPTS,
    SERVICE_TASKS,
    COUPON_GRANTS,
    INBOX,
    DEAD_LETTERS,
    PROFILES,
    PROVIDER_CALLBACKS,
    PROVIDER_MESSAGES,
    MESSAGE_REPORTS,
    OPT_OUTS,
    *(changelog(task) for task in SOURCES),
)

BEATEN: tuple[Topic, ...] = tuple(
    topic for topic in TOPICS if topic.compacted and not topic.external and topic is not OPT_OUTS
)
"""Those in which segments must be closed: the ledger of opt-outs names no customer, and nothing has to leave it."""
