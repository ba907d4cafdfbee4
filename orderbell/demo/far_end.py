"""A vendor's stand-in, a process of its own that approves the texts of the rules and no other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from orderbell.demo.arrived import Arrived, arrived
from orderbell.demo.processes import Child
from schemas.rules import Provider

KEY_ID = "orderbell-demo"
SDK_APP_ID = "1400000000"
# The vendors wait a minute for a second try; the demo has not that much time.
_PUSHED_AGAIN = "1,2,4,6,8,10,15,20,30"
_OPTIONS: Mapping[Provider, tuple[str, ...]] = {
    "tencent": ("--sdk-app-id", SDK_APP_ID, "--variable-limit", "6", "--echo"),
}
_COUNTRY: Mapping[Provider, str] = {"tencent": "+86"}


class FarEnd:
    """One vendor. Numbers are of eleven digits here, whatever it writes."""

    def __init__(self, vendor: Provider, child: Child, address: str) -> None:
        self.address = address
        self._vendor = vendor
        self._child = child

    @classmethod
    async def start(cls, vendor: Provider, folder: Path, secret: str, approved: Path, callbacks: str) -> Self:
        """Starts it. ``approved``: a file with the rules as they are shown; it pushes below ``callbacks``."""
        if vendor == "smtp":
            arguments = ["orderbell.standins.mail", "--user", KEY_ID, "--password", secret]
        else:
            arguments = [f"orderbell.standins.{vendor}", "--key-id", KEY_ID, "--key-secret", secret]
            arguments += ["--rules", str(approved), "--again", _PUSHED_AGAIN, "--callback", callbacks]
            arguments += _OPTIONS.get(vendor, ())
        child = await Child.start(f"{vendor} stand-in", folder / f"{vendor}.log", arguments, {})
        return cls(vendor, child, msgspec.json.decode(await child.line())["address"])

    async def hear(self, heard: Callable[[Arrived], object]) -> None:
        """Takes what arrives on telephones, for ever. Raises ``Unavailable`` where the stand-in ends."""
        while True:
            heard(arrived(self._vendor, await self._child.line()))

    def tell(self, do: str, *, number: str | None = None, **fields: Any) -> None:
        """Has it do something: see ``orderbell.standins.process``."""
        about = {} if number is None else {"number": _COUNTRY.get(self._vendor, "") + number}
        self._child.tell(msgspec.json.encode({"do": do, **about, **fields}))

    async def end(self, timeout: float) -> None:
        """Ends it."""
        await self._child.end(timeout)
