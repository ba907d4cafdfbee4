"""How the vendor packs what it pushes, and what it expects to hear."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from orderbell.standins.pushes import Path, Pushes, hundreds


class JPushPushes(Pushes):
    """Reports come in arrays, to one address, with key and secret as in the vendor's own API.

    They come again three times, as those of the vendor's other services do; of this one it doesn't say.
    """

    usual = (50, 100, 150)

    def __init__(
        self,
        callback: str | None,
        again: Sequence[float] | None = None,
        answer_within: float = 0.7,
        *,
        account: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(callback, again, answer_within)
        basic = b64encode(":".join(account).encode()).decode()
        self.headers = {**self.headers, "Authorization": f"Basic {basic}"}

    def address(self, _path: Path) -> str:
        """There is one address for all."""
        return str(self.callback)

    def bodies(self, _path: Path, elements: Sequence[dict[str, Any]]) -> list[Any]:
        """Arrays of up to a hundred."""
        return hundreds(elements)

    def taken(self, _answer: bytes) -> bool:
        """Whatever is said with 200 will do."""
        return True
