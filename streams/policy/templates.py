"""Which text tells a case."""

from collections.abc import Set as AbstractSet

from schemas.rules import Mechanism
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.template import Template

MECHANISMS: frozenset[Mechanism] = frozenset()
"""The mechanisms that this program has. A text that promises the work of another is not taken."""


def choose(rules: Rules, case: Case, mechanisms: AbstractSet[Mechanism] = MECHANISMS) -> Template | None:
    """The first notice text of the rules that is true of the case; ``None`` where the rules hold none.

    A text is true where its conditions hold, each of its variables is known and fits, and the mechanisms exist
    whose work it promises. Rules that were loaded have one for each of a buyer's five kinds.
    """
    raise NotImplementedError
