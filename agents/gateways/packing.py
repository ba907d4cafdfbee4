"""How a vendor packs what it pushes: a body is taken apart into elements, and each is stored as it came.

The topic holds JSON. An element that is JSON stands there byte for byte; of a vendor that writes something else, XML
say, its text stands there as one JSON string.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from streams.errors import Invalid

T = TypeVar("T")

_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_string = msgspec.json.Decoder(str).decode


class Packing(NamedTuple):
    """``apart`` takes a body apart, and looks into none of its elements. Raises ``Invalid`` for what is no such body.

    Where the elements are not ``json`` they are UTF-8, which ``apart`` sees to.
    """

    apart: Callable[[bytes], list[bytes]]
    json: bool = True

    def stored(self, element: bytes) -> msgspec.Raw:
        """The element as it stands in a record."""
        return msgspec.Raw(element if self.json else msgspec.json.encode(element.decode()))

    def element(self, stored: msgspec.Raw) -> bytes:
        """The element as it came. Raises ``Invalid`` where a record holds none of this packing."""
        if self.json:
            return bytes(stored)
        try:
            return _string(stored).encode()
        except msgspec.DecodeError as error:
            raise Invalid("wrong_type", f"expected a JSON string: {type(error).__name__}") from None


def _array(body: bytes) -> list[bytes]:
    return [bytes(element) for element in _read(body, _elements, "array")]


def _object(body: bytes) -> list[bytes]:
    _read(body, _fields, "object")
    return [body.strip()]


def _either(body: bytes) -> list[bytes]:
    return _object(body) if body.lstrip()[:1] == b"{" else _array(body)


def _read(body: bytes, decode: Callable[[bytes], T], what: str) -> T:
    try:
        body.decode()  # msgspec skips strings without reading them as UTF-8
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("not_json", f"expected a JSON {what}: {type(error).__name__}") from None


ARRAY = Packing(_array)
"""A JSON array of elements."""
OBJECT = Packing(_object)
"""A JSON object, which is itself the only element."""
EITHER = Packing(_either)
"""Several in a JSON array, or one by itself."""
