"""What the sender has to know of the rest of the worker before a message may go."""

from typing import Protocol

from schemas.opt_outs import Scope
from schemas.times import Micros


class OptOuts(Protocol):
    """The opt-out ledger, as this worker has read it."""

    def stopped(self, number: str) -> bool:
        """Whether nothing may go by SMS to ``number`` (E.164)."""
        ...

    def stopped_marketing(self, number: str) -> bool:
        """Whether nothing that advertises may go by SMS to ``number`` (E.164)."""
        ...

    def fresh(self, now: Micros) -> bool:
        """Whether the ledger can be relied on: read to the end that it had at start, and its end confirmed
        within the last 10 s. Without that no SMS goes; the notices wait."""
        ...

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        """Whether a stop of that moment would change nothing, since it is known, or a later word is."""
        ...


class Progress(Protocol):
    """How far the ``customers`` agent has come."""

    def customers_known_until(self) -> Micros:
        """The moment up to which all that was published to ``customers`` is known to be in ``profiles``.

        0 while it is not known. Only what was known can show that a customer has no profile.
        """
        ...
