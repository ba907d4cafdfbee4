"""The rules by which the simulated shop lives: the defaults, with nothing remembered longer than a simulation waits."""

from dataclasses import replace
from functools import cache

from schemas.times import DAY, SECOND
from streams.policy.rules import Rules
from tests.oracle import Terms
from tests.simulation.plan import Own
from tests.simulation.worker import SLOTS
from tests.unit.rules import rules_with

_TERMS = Terms(calls_at_once=SLOTS, slack=5 * SECOND)
"""With so few slots a burst of a hundred messages takes some seconds."""


@cache
def rules_of(own: Own) -> Rules:
    """The rules of a run."""
    repeats = (f"\n[kinds.{kind}]\nrepeat_in_doubt = true" for kind in own.repeats)
    shop = f"coupon_period = '30d'\nconfirm_every = '30d'\ndaily_cap = {own.daily_cap}"
    answers = "".join(f'\n"{storm}" = "{word}"' for storm, word in own.answers)
    return rules_with(f"{shop}{''.join(repeats)}\n[storm.answers]{answers}")


RULES = rules_of(Own())


def terms_of(own: Own) -> Terms:
    """The same, as the oracle wants them."""
    kinds = {name: replace(kind, repeat_in_doubt=name in own.repeats) for name, kind in _TERMS.kinds.items()}
    return replace(_TERMS, daily_cap=own.daily_cap, kinds=kinds, coupon_period=30 * DAY, confirm_every=30 * DAY)
