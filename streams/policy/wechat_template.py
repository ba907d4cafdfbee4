"""A template message of the WeChat account: fields, each with a type that says what may stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from schemas.rules import Mechanism, When
from schemas.words import Audience, NoticeKind

FieldType = Literal["thing", "character_string", "number", "phrase", "const", "time", "date", "amount"]
"""The vendor's types that anything of ours fits. The others are for persons, plates and telephone numbers."""
FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``texts`` stand around and between its ``variables``, so there is one more of them."""

    name: str
    type: FieldType
    texts: tuple[str, ...]
    variables: tuple[str, ...]

    @property
    def fixed(self) -> int:
        """How many of its characters are always the same."""
        return sum(map(len, self.texts))

    def fill(self, values: Mapping[str, str]) -> str:
        """The field with ``values`` in the variables' places."""
        filled = [text + values[name] for text, name in zip(self.texts, self.variables, strict=False)]
        return "".join([*filled, self.texts[-1]])


@dataclass(frozen=True, slots=True)
class CardTemplate:
    """A template of the rules. ``id`` is the vendor's own; ``needs`` are the mechanisms whose work it promises."""

    template_id: str
    id: str
    kind: NoticeKind
    audience: Audience
    when: When
    needs: frozenset[Mechanism]
    fields: tuple[Field, ...]
