"""How the vendor packs what it pushes, and what it expects to hear."""

from collections.abc import Sequence
from typing import Any

import msgspec

from orderbell.standins.pushes import Path, Pushes, hundreds


class AliyunPushes(Pushes):
    """Reports and replies come in arrays, again after 1, 5 and 10 minutes."""

    usual = (60, 300, 600)

    def bodies(self, path: Path, elements: Sequence[dict[str, Any]]) -> list[Any]:
        """Arrays of up to a hundred."""
        return hundreds(elements)

    def taken(self, answer: bytes) -> bool:
        """Whether it says that all is well."""
        return msgspec.json.decode(answer, type=_Answer).code == 0


class _Answer(msgspec.Struct):
    code: int
