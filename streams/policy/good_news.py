"""Good news: which trouble each kind of it ends."""

from collections.abc import Mapping

from schemas.words import Kind, NoticeKind, RuledKind

TROUBLE: Mapping[NoticeKind, Kind] = {"stock_replenished": "stock_shortage", "shipment_resumed": "shipment_stalled"}
"""Good news is told to whom the trouble was told, and to nobody else."""
GOOD_NEWS: Mapping[RuledKind, RuledKind] = {
    "stock_shortage": "stock_replenished",
    "shipment_stalled": "shipment_resumed",
}
"""Of each trouble that has good news, which."""


def trouble_of(kind: NoticeKind, subject: str) -> str | None:
    """The subject of the trouble that good news of ``subject`` ends; ``None`` of a kind that is no good news.

    Both are named by order, kind and part (``streams/operators/commands.py``), which no id's colon can confuse.
    """
    trouble = TROUBLE.get(kind)
    return None if trouble is None else subject.replace(f":{kind}", f":{trouble}", 1)
