"""The values that the promises depend on: by the contract's table, unless a run was played by others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.oracle.ways import Steps

SHANGHAI: Micros = 8 * HOUR
"""The zone of all windows: it has no summer time."""


_STEPS: Steps = (("sms",), ("push",), ("wechat",), ("email",))
_VIP: Steps = (("sms", "push"), ("wechat",), ("email",))
PLANS: Mapping[str, Steps] = {"vip": _VIP, "regular": _STEPS, "new": _STEPS}
WITH_MAIL: Mapping[str, Steps] = {
    "vip": (("sms", "push", "email"), ("wechat",)),
    **dict.fromkeys(("regular", "new"), (("sms", "email"), ("push",), ("wechat",))),
}
IN_INBOX: Mapping[str, Steps] = dict.fromkeys(("vip", "regular", "new"), (("inbox",),))


@dataclass(frozen=True, slots=True)
class KindTerms:
    """The rules of one kind. ``window``: when it opens and closes, after midnight; ``None`` is always.

    ``plans``: the steps by tier. ``repeat_in_doubt``: what may have been sent and can't be learnt is sent once more.
    """

    within: Micros
    repeat_window: Micros
    merge_hold: Micros
    expire_after: Micros
    window: tuple[Micros, Micros] | None = None
    patience: Micros = 0
    repeat_in_doubt: bool = False
    plans: Mapping[str, Steps] = field(default_factory=lambda: PLANS)

    def opening(self, at: Micros) -> Micros:
        """The first moment from ``at`` on that lies in the window."""
        if self.window is None:
            return at
        opens, closes = self.window
        midnight = at - (at + SHANGHAI) % DAY
        if at < midnight + opens:
            return midnight + opens
        return at if at < midnight + closes else midnight + DAY + opens


KINDS: Mapping[str, KindTerms] = {
    "payment_failed": KindTerms(5 * MINUTE, HOUR, 90 * SECOND, DAY, patience=30 * SECOND),
    "stock_shortage": KindTerms(5 * MINUTE, DAY, 5 * SECOND, DAY),
    "address_undeliverable": KindTerms(5 * MINUTE, DAY, 5 * SECOND, DAY),
    "order_cancelled": KindTerms(5 * MINUTE, DAY, 5 * SECOND, DAY, plans=WITH_MAIL),
    "shipment_stalled": KindTerms(HOUR, 0, 60 * SECOND, 3 * DAY, (8 * HOUR, 21 * HOUR)),
    "stock_replenished": KindTerms(HOUR, DAY, 5 * SECOND, DAY, (8 * HOUR, 21 * HOUR), plans=IN_INBOX),
    "shipment_resumed": KindTerms(HOUR, DAY, 5 * SECOND, DAY, (8 * HOUR, 21 * HOUR), plans=IN_INBOX),
}

GOOD_NEWS: Mapping[str, str] = {"stock_shortage": "stock_replenished", "shipment_stalled": "shipment_resumed"}
"""Of each trouble whose end is told, the kind of that."""

EXCEPTIONS = KINDS.keys() - GOOD_NEWS.values()
"""What goes wrong: all but good news."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run is judged by. The lengths from ``slack`` on are not the contract's: they say how exact we are."""

    kinds: Mapping[str, KindTerms] = field(default_factory=lambda: KINDS)
    """Good news whose kind is missing is switched off."""
    after: Micros = DAY
    """The silence that makes a stall, unless ``after_by_carrier`` has the parcel's."""
    after_by_carrier: Mapping[str, Micros] = field(default_factory=dict)
    profile_wait: Micros = 60 * SECOND
    step_wait: Micros = 10 * MINUTE
    """How long a step of a plan has to be delivered."""
    price: str = "0.045"
    daily_cap: int = 20
    """How many messages of a kind a contact may have in 24 hours."""
    high_value: Decimal = Decimal("5000.00")
    """The amount of a cancellation from which a human calls."""
    coupon_amount: str = "10"
    coupon_period: Micros = 90 * DAY
    confirm_every: Micros = 180 * DAY
    """How old a confirmation of contact data may be before the customer is asked to look."""
    storm_floor: int = 100
    """So many stalls of a carrier within ten minutes are a storm, and fewer are none."""
    session_timeout: Micros = 10 * SECOND
    bookkeeping: frozenset[str] = frozenset(
        {
            "*line",
            "*gate/aliyun",
            "*gate/tencent",
            "*gate/jpush",
            "*gate/wechat",
            "*gate/smtp",
            "*questions/aliyun",
            "*questions/tencent",
        }
    )
    """Entries of a state that may stay for ever."""
    calls_at_once: int = 64
    """How many calls of one partition's sender may be under way."""
    slack: Micros = 3 * SECOND
    """How late something may be while all is well, and how long news may be on its way from one task to another."""
    recovery: Micros = 30 * SECOND
    """How long after a disturbance all may take to be as before, beside ``session_timeout``."""
    clerical: Micros = 15 * MINUTE
    """How late an outcome may be that nobody waits for: that of a message whose time is over."""

    def longest_after(self, carriers: set[str]) -> Micros:
        """The silence that surely makes a stall of a parcel of one of these carriers."""
        return max((self.after_by_carrier.get(carrier, self.after) for carrier in carriers), default=self.after)

    def shortest_after(self, carriers: set[str]) -> Micros:
        """The silence before which there surely is none."""
        return min((self.after_by_carrier.get(carrier, self.after) for carrier in carriers), default=self.after)
