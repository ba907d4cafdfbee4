"""For which attempts a vendor may show another message, so that they count as taken though they were not.

A vendor without an echo lists what it took for a number, and names the customer of none: what it took for another
customer with that telephone, whose messages the program keeps apart, looks like ours. Nobody is told twice by that.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tests.oracle.attempts import DOUBTED, TELLS_ABSENCE, named
from tests.oracle.evidence import Attempt
from tests.oracle.numbers import masks
from tests.oracle.outputs import Outputs


def mistakable(attempts: Sequence[Attempt], out: Outputs) -> list[Attempt]:
    """The attempts, with a mark on those that may be mistaken. Of one that the vendor refused its no may have died with
    whoever heard it."""
    doubted = {name for name, receipts in out.receipts.items() if receipts[0].receipt.status == "unknown"}
    taken = defaultdict[tuple[str, str], list[Attempt]](list)
    for attempt in attempts:
        if attempt.taken:
            taken[attempt.provider, attempt.number].append(attempt)
    return [
        replace(attempt, mistakable=True)
        if attempt.channel == "sms"
        and attempt.provider not in TELLS_ABSENCE
        and (attempt.answer == "neither" or named(attempt.out_id) in doubted)
        and any(
            other.out_id != attempt.out_id and abs(other.begun_at - attempt.begun_at) <= DOUBTED
            for other in taken[attempt.provider, attempt.number]
        )
        else attempt
        for attempt in attempts
    ]


def mistaken(attempts: Sequence[Attempt], out: Outputs) -> set[tuple[str, int]]:
    """The attempts that may be mistaken though their calls never began, since whoever was to call died before."""
    begun = {named(attempt.out_id) for attempt in attempts}
    found = set[tuple[str, int]]()
    for name, receipts in out.receipts.items():
        first, at = receipts[0].receipt, receipts[0].at
        if name in begun or first.channel != "sms" or first.provider in TELLS_ABSENCE or first.status != "unknown":
            continue
        others = (other for other in attempts if other.taken and other.provider == first.provider)
        if any(masks(first.recipient, o.number) and abs(o.begun_at - at) <= DOUBTED for o in others):
            found.add(name)
    return found
