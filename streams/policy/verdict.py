"""How something ended, as a value: the outcome and its reason."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.outputs import Outcome, Reason


class Verdict(NamedTuple):
    """An outcome with its reason."""

    outcome: Outcome
    reason: Reason


_ORDER = (Outcome.SENT, Outcome.SETTLED, Outcome.SUPPRESSED, Outcome.EXPIRED, Outcome.FAILED)


def weightiest(verdicts: Iterable[Verdict]) -> Verdict:
    """Of how a command ended for each of its contacts, that which is its decision.

    An acceptance decides; without one the first that applies of ``settled``, ``suppressed``, ``expired``,
    ``failed``. Of equals the first, in the order of the contacts.
    """
    return min(verdicts, key=lambda verdict: _ORDER.index(verdict.outcome))
