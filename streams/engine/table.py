"""A task's table: the committed entries, the scratch copy over them, and their form in the changelog."""

from collections.abc import Callable, ItemsView, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from streams.errors import UnreadableState

S = TypeVar("S")


class Entries(Protocol[S]):
    """The committed entries. A dict here; a store on disk need only offer as much."""

    def get(self, key: bytes, /) -> S | None: ...
    def pop(self, key: bytes, default: None, /) -> S | None: ...
    def __setitem__(self, key: bytes, entry: S, /) -> None: ...
    def __len__(self) -> int: ...
    def items(self) -> ItemsView[bytes, S]: ...


class Overlay(Generic[S]):
    """A scratch copy: reads fall through to the committed entries, changes stay here until they are applied."""

    __slots__ = ("base", "changes")

    def __init__(self, base: "Entries[S]") -> None:
        self.base = base
        self.changes: dict[bytes, S | None] = {}

    def get(self, key: bytes) -> S | None:
        """The entry as it is now."""
        changes = self.changes
        return changes[key] if key in changes else self.base.get(key)

    def put(self, key: bytes, entry: S) -> None:
        """Makes ``entry`` the value of ``key``."""
        self.changes[key] = entry

    def delete(self, key: bytes) -> None:
        """Ends the entry."""
        self.changes[key] = None

    def apply(self) -> None:
        """Makes the changes the committed entries, and forgets them."""
        base = self.base
        for key, entry in self.changes.items():
            if entry is None:
                base.pop(key, None)
            else:
                base[key] = entry
        self.changes = {}


class Codec(Generic[S]):
    """An entry's form in the changelog: a byte with the format's version, then msgpack.

    Fields with defaults may be appended without a new version; a changed meaning takes a new one. ``former`` says for
    each earlier version that is still read what makes this version's data of its data, both as msgpack has them. So a
    new version goes on with what the one before it left, and an older one refuses what it would misread.
    """

    def __init__(
        self, entry_type: type[S], version: int = 1, former: Mapping[int, Callable[[Any], Any]] | None = None
    ) -> None:
        self._version = version
        self._head = bytes([version])
        self._former = former or {}
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(entry_type).decode

    def encode(self, entry: S) -> bytes:
        """The entry's bytes."""
        return self._head + self._encode(entry)

    def decode(self, value: bytes) -> S:
        """The entry; ``UnreadableState`` where another version of the program wrote it, as a rule a newer one."""
        if value[:1] == self._head:
            return self._decode(memoryview(value)[1:])
        return self._decode(self._encode(self._converted(value)))

    def _converted(self, value: bytes) -> Any:
        version = value[0]
        if version not in self._former:
            readable = ", ".join(str(known) for known in (*self._former, self._version))
            raise UnreadableState(f"the state has format {version}, this version of the program reads {readable}")
        return self._former[version](msgspec.msgpack.decode(memoryview(value)[1:]))
