"""Cases that wait for one contact, drawn so that many share something and some share nothing."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from schemas.times import micros
from schemas.words import Audience, NoticeKind, Tier
from streams.policy.case import Case

NOW = micros(datetime(2026, 11, 23, 4, tzinfo=UTC))

ORDERS = st.sampled_from([
    "20261123000001", "20261123000002", "20261123000003", "20261123000004", "20261123000005", "20261123000006",
    "20261122000001", "A-1", "1", "0001", f"{'9' * 30}0007", f"{'8' * 30}0007", f"{'8' * 30}10007",
])  # fmt: skip
"""Some alike in their last four, or five; some short, the end of others; some too long to be told whole."""

FACTS: dict[NoticeKind, dict[str, st.SearchStrategy[Any]]] = {
    "payment_failed": {"reason": st.sampled_from(["card_error", "insufficient_funds", "other"])},
    "stock_shortage": {
        "sku": st.sampled_from(["s1", "s2", "s3"]),
        "name": st.sampled_from(["皮包", "腰带"]),
        "restock_at": st.sampled_from([None, None, "2026-12-01", "2026-12-24"]),
        "unique": st.sampled_from([None, None, False, True]),
        "paid": st.sampled_from([None, True, True, False]),
    },
    "shipment_stalled": {
        "hours": st.sampled_from([0, 24, 30, 120]),
        "cause": st.sampled_from([None, None, "weather", "other"]),
        "expected_days": st.sampled_from([None, 3]),
    },
    "order_cancelled": {
        "reason": st.sampled_from(["缺货", "系统故障"]),
        "paid": st.sampled_from([None, True, True, False]),
        "amount": st.sampled_from([None, "99.50", "5000.00", "99999.99"]),
        "refund_days": st.sampled_from([None, 3, "3-5"]),
    },
    "address_undeliverable": {
        "reason": st.sampled_from(["地址不全", "无法识别"]),
        "area": st.sampled_from([None, "余杭区"]),
    },
    "stock_replenished": {"name": st.just("皮包")},
    "contact_check": {},
}
PARCELS = st.sampled_from(["SF1000001", "SF1000002", "YT20001", None])


def cases(tier: Tier, kinds: st.SearchStrategy[NoticeKind]) -> st.SearchStrategy[Case]:
    """One case of a customer of ``tier``."""

    def of_kind(kind: NoticeKind) -> st.SearchStrategy[Case]:
        audiences: tuple[Audience, ...] = ("buyer", "buyer", "buyer", "consignor")
        return st.builds(
            Case,
            kind=st.just(kind),
            order_id=ORDERS,
            facts=st.fixed_dictionaries(FACTS[kind]),
            now=st.just(NOW),
            tracking_no=PARCELS if kind == "shipment_stalled" else st.none(),
            audience=st.sampled_from(audiences),
            tier=st.just(tier),
        )

    return kinds.flatmap(of_kind)


def waiting(most: int) -> st.SearchStrategy[list[Case]]:
    """What waits for one contact: of any kinds, or of one or two only."""
    kinds: list[NoticeKind] = list(FACTS)
    few = st.lists(st.sampled_from(kinds[:5]), min_size=1, max_size=2).map(st.sampled_from)
    tiers: tuple[Tier, ...] = ("vip", "regular", "new")
    drawn = st.tuples(st.sampled_from(tiers), few | st.just(st.sampled_from(kinds)))
    return drawn.flatmap(lambda of: st.lists(cases(of[0], of[1]), min_size=1, max_size=most))
