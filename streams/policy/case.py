"""What one notice is about, as far as its words go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.times import Micros
from schemas.words import Audience, NoticeKind, Tier
from streams.policy.coupon import Coupon


@dataclass(frozen=True, slots=True)
class Case:
    """One exception to be told to one customer at the moment ``now``. ``facts`` are the command's, unchecked.

    ``plain`` is so where vendors refused the words: then nothing that upstream wrote freely goes into the text.
    ``coupon``: one was given with it, and is to be told with it.
    """

    kind: NoticeKind
    order_id: str
    facts: Mapping[str, Any]
    now: Micros
    tracking_no: str | None = None
    audience: Audience = "buyer"
    tier: Tier = "regular"
    plain: bool = False
    coupon: Coupon | None = None

    @property
    def subject(self) -> tuple[str, str, str | None]:
        """What happened to what: the kind, the order, and which goods or which parcel it is about, if any."""
        thing = self.tracking_no or self.facts.get("sku")
        return self.kind, self.order_id, thing if isinstance(thing, str) else None
