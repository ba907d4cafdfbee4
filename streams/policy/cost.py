"""What text messages cost, and what is saved by telling several exceptions in one."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from schemas.rules import Provider
from streams.policy.packing import Group
from streams.policy.rules import Rules


class Saved(NamedTuple):
    """What packing saves against a message for each exception: segments, and CNY."""

    segments: int
    cost: Decimal


def cost_of(segments: int, rules: Rules, provider: Provider) -> Decimal:
    """CNY for so many segments."""
    return rules.price_of(provider) * segments


def saved(groups: Iterable[Group], rules: Rules, provider: Provider) -> Saved:
    """What the messages of ``groups`` save; what no text tells by itself would have cost nothing."""
    segments = sum(group.saved for group in groups)
    return Saved(segments, cost_of(segments, rules, provider))
