"""A text that vendors approved, with variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.rules import CARRIERS, Carrier, Category, Count, Mechanism, SmsProvider, When
from schemas.words import Audience

MANY = 1_000_000
"""No count is as great."""

_COUNTS: Mapping[Count, tuple[int, int]] = {"1": (1, 1), "1+": (1, MANY), "2": (2, 2), "2+": (2, MANY), "3+": (3, MANY)}

VARIABLE = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a template at one provider, which knows them by ``id``.

    ``variables`` come in order of appearance, each once; ``longest`` holds the greatest length of each, in
    UTF-16 units. ``filed`` are the carriers with which the provider has filed it.
    """

    id: str
    text: str
    variables: tuple[str, ...]
    longest: Mapping[str, int]
    filed: frozenset[Carrier] = frozenset(CARRIERS)

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with ``values`` in the variables' places."""
        return VARIABLE.sub(lambda variable: values[variable[1]], self.text)

    def longest_fill(self) -> str:
        """The text at its greatest length."""
        return self.fill({name: "国" * self.longest[name] for name in self.variables})


@dataclass(frozen=True, slots=True)
class Template:
    """A text of the rules. ``needs`` are the mechanisms whose work it promises, ``counts`` the least and the most of
    kinds, orders, goods and parcels that it is for."""

    template_id: str
    kind: str
    audience: Audience
    category: Category
    enabled: bool
    when: When
    needs: frozenset[Mechanism]
    wordings: Mapping[SmsProvider, Wording]
    counts: tuple[tuple[int, int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        numbers = (self.when.kinds, self.when.orders, self.when.goods, self.when.parcels)
        object.__setattr__(self, "counts", tuple(_COUNTS[number] for number in numbers))

    def tells(self, counted: tuple[int, ...]) -> bool:
        """Whether the text is for so many kinds, orders, goods and parcels."""
        return all(least <= count <= most for count, (least, most) in zip(counted, self.counts, strict=True))


def variables_of(text: str) -> tuple[str, ...]:
    """The names of a text's variables, in order of appearance, each once."""
    return tuple(dict.fromkeys(VARIABLE.findall(text)))
