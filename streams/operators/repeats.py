"""Whether an exception is told, or how it ends at once: the order is over, it was settled, or it was told before.

In this order, since a settle ends the repeat window, and nothing is told of an order that is over.
A settle is everybody's; what was let through is known apart for the buyer and for each consignor.
"""

from collections.abc import Mapping

import msgspec

from schemas.outputs import Outcome, Reason
from schemas.times import Micros
from streams.policy.verdict import Verdict


class Subject(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What came of the exceptions of one subject.

    ``let_through`` is when the latest that was let through to the buyer occurred, ``consignors`` the same for each
    consignor, ``settled`` the time of the latest settle.
    """

    let_through: Micros | None = None
    settled: Micros | None = None
    consignors: Mapping[str, Micros] = {}

    def let_through_to(self, consignor: str | None) -> Micros | None:
        """When the latest that was let through to ``consignor`` occurred; ``None`` stands for the buyer."""
        return self.let_through if consignor is None else self.consignors.get(consignor)

    def let(self, occurred_at: Micros, consignor: str | None = None) -> "Subject":
        """The subject once an exception is let through; of several the latest opens the window."""
        latest = _later(self.let_through_to(consignor), occurred_at)
        if consignor is None:
            return Subject(latest, self.settled, self.consignors)
        return Subject(self.let_through, self.settled, {**self.consignors, consignor: latest})

    def settle(self, at: Micros) -> "Subject":
        """The subject once a settle has come."""
        return Subject(self.let_through, _later(self.settled, at), self.consignors)

    def ends(self, at: Micros) -> bool:
        """Whether a settle of that moment is the one that ends what was let through to the buyer, all of it."""
        told = self.let_through
        return told is not None and not self.is_settled(told) and told <= at

    def is_settled(self, occurred_at: Micros) -> bool:
        """Whether what occurred then is over."""
        return self.settled is not None and occurred_at <= self.settled


def judge(
    subject: Subject, occurred_at: Micros, repeat_window: Micros, *, closed: bool, consignor: str | None = None
) -> Verdict | None:
    """How an exception ends without a command for the buyer or for ``consignor``; ``None``: it is let through."""
    if closed:
        return Verdict(Outcome.SETTLED, Reason.ORDER_CLOSED)
    if subject.is_settled(occurred_at):
        return Verdict(Outcome.SETTLED, Reason.RESOLVED)
    first = subject.let_through_to(consignor)
    if first is not None and not subject.is_settled(first) and abs(occurred_at - first) < repeat_window:
        return Verdict(Outcome.DUPLICATE, Reason.REPEATED)
    return None


def _later(known: Micros | None, at: Micros) -> Micros:
    return at if known is None else max(known, at)
