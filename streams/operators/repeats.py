"""Whether an exception is told, or how it ends at once: the order is over, it was settled, or it was told before.

In this order, since a settle ends the repeat window, and nothing is told of an order that is over.
"""

import msgspec

from schemas.outputs import Outcome, Reason
from schemas.times import Micros
from streams.policy.verdict import Verdict


class Subject(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What came of the exceptions of one subject.

    ``let_through`` is when the latest that was let through occurred, ``settled`` the time of the latest settle.
    """

    let_through: Micros | None = None
    settled: Micros | None = None

    def let(self, occurred_at: Micros) -> "Subject":
        """The subject once an exception is let through; of several the latest opens the window."""
        return Subject(_later(self.let_through, occurred_at), self.settled)

    def settle(self, at: Micros) -> "Subject":
        """The subject once a settle has come."""
        return Subject(self.let_through, _later(self.settled, at))

    def is_settled(self, occurred_at: Micros) -> bool:
        """Whether what occurred then is over."""
        return self.settled is not None and occurred_at <= self.settled


def judge(subject: Subject, occurred_at: Micros, repeat_window: Micros, *, closed: bool) -> Verdict | None:
    """How an exception ends without a command; ``None``: it is let through."""
    if closed:
        return Verdict(Outcome.SETTLED, Reason.ORDER_CLOSED)
    if subject.is_settled(occurred_at):
        return Verdict(Outcome.SETTLED, Reason.RESOLVED)
    first = subject.let_through
    if first is not None and not subject.is_settled(first) and abs(occurred_at - first) < repeat_window:
        return Verdict(Outcome.DUPLICATE, Reason.REPEATED)
    return None


def _later(known: Micros | None, at: Micros) -> Micros:
    return at if known is None else max(known, at)
