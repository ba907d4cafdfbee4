"""How the vendor packs what it pushes, and what it expects to hear."""

from collections.abc import Sequence
from typing import Any

import msgspec

from orderbell.standins.pushes import Path, Pushes, hundreds


class TencentPushes(Pushes):
    """Reports come in arrays, each reply alone. Both come again twice; when, the vendor doesn't say."""

    usual = (60, 300)

    def bodies(self, path: Path, elements: Sequence[dict[str, Any]]) -> list[Any]:
        """Arrays of up to a hundred, or the elements themselves."""
        return hundreds(elements) if path == "receipts" else list(elements)

    def taken(self, answer: bytes) -> bool:
        """Whether it says that all is well."""
        return msgspec.json.decode(answer, type=_Answer).result == 0


class _Answer(msgspec.Struct):
    result: int
    errmsg: str
