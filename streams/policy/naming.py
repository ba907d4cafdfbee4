"""How a text names orders and parcels: whole, or by their ends, so that none is taken for another."""

from collections.abc import Iterable

TAIL = 4
"""The fewest characters of a number that is named by its end."""
MARK = "尾号"


def named(number: str, tail: str | None, longest: int) -> str | None:
    """A number whole where there is room, else by its ``tail``; ``None`` where it has none or there is no room."""
    if len(number) <= longest:
        return number
    return f"{MARK}{tail}" if tail and len(MARK) + len(tail) <= longest else None


def tails(numbers: Iterable[str]) -> dict[str, str | None]:
    """The end by which to tell each number from the others: four characters, more where others end alike; ``None``
    where all of it is the end of another."""
    ends: dict[str, str | None] = dict.fromkeys(numbers)
    for number in ends:
        others = [other for other in ends if other != number]
        if not any(other.endswith(number) for other in others):
            lengths = range(min(TAIL, len(number)), len(number) + 1)
            ends[number] = next(
                end for end in (number[-n:] for n in lengths) if not any(other.endswith(end) for other in others)
            )
    return ends
