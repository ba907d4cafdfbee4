"""How a text names orders and parcels: whole, or by their ends, so that none is taken for another."""

from collections.abc import Sequence

TAIL = 4
"""The fewest characters of a number that is named by its end."""
MARK = "尾号"


def named(number: str, tail: str | None, longest: int) -> str | None:
    """A number whole where there is room, else by its ``tail``; ``None`` where it has none or there is no room."""
    if len(number) <= longest:
        return number
    return f"{MARK}{tail}" if tail and len(MARK) + len(tail) <= longest else None


def tails(numbers: Sequence[str]) -> dict[str, str | None]:
    """The end by which to tell each number from the others: four characters, more where others end alike; ``None``
    where all of it is the end of another."""
    ends: dict[str, str | None] = {number: number[-TAIL:] for number in numbers}
    if len(set(ends.values())) == len(ends) and min(map(len, ends)) >= TAIL:
        return ends
    for number in ends:
        others = [other for other in ends if other != number]
        lengths = range(min(TAIL, len(number)), len(number) + 1)
        candidates = (number[-length:] for length in lengths)
        ends[number] = next((end for end in candidates if not any(other.endswith(end) for other in others)), None)
    return ends
