"""The rules of the soak: as shipped, but days are made minutes, so that in minutes everything happens."""

from typing import NamedTuple

from schemas.times import MINUTE, SECOND, Micros
from tests.oracle.terms import KindTerms, Terms

STALLED_AFTER: Micros = 20 * SECOND
REPEATS: Micros = MINUTE
HOLD: Micros = SECOND
PROFILE_WAIT: Micros = 10 * SECOND
EXPIRES: Micros = 10 * MINUTE
_WITHIN: Micros = 5 * MINUTE


class _Kind(NamedTuple):
    name: str
    more: str = f'repeat_window = "{REPEATS // SECOND}s"'


_KINDS = (
    _Kind("payment_failed"),
    _Kind("stock_shortage"),
    _Kind("address_undeliverable"),
    _Kind("order_cancelled"),
    _Kind("shipment_stalled", f'within = "{_WITHIN // SECOND}s"\nafter = "{STALLED_AFTER // SECOND}s"'),
    _Kind("stock_replenished", f'within = "{_WITHIN // SECOND}s"'),
    _Kind("shipment_resumed", f'within = "{_WITHIN // SECOND}s"'),
)
TOML = f'profile_wait = "{PROFILE_WAIT // SECOND}s"\n' + "".join(
    f"""
[kinds.{kind.name}]
{kind.more}
merge_hold = "{HOLD // SECOND}s"
expire_after = "{EXPIRES // SECOND}s"
window = "always"
"""
    for kind in _KINDS
)
"""Laid over the rules that ship."""

TERMS = Terms(
    kinds={
        kind.name: KindTerms(_WITHIN, REPEATS if "repeat_window" in kind.more else 0, HOLD, EXPIRES) for kind in _KINDS
    },
    after=STALLED_AFTER,
    profile_wait=PROFILE_WAIT,
)
"""The same, as the oracle wants them."""
