"""Every topic, declared once: its name, what its key is, how it is cleaned up and for how long it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

_DAY_MS = 24 * 60 * 60 * 1000
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
        return {"cleanup.policy": self.cleanup, "retention.ms": str(retention), **self.extra}


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
    """The topic that holds a task's state, whose largest entry is a customer's with all that may be open."""
    return Topic(
        f"{task}-changelog", "the table's key", "compact", None, extra={"max.message.bytes": str(RECORD_LIMIT)}
    )


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
