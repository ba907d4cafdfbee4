"""Lines: who waits for room, and not for a moment.

A deadline says when an entry needs a look. But one that is due and can't go before others are done would be looked at
again and again in vain, and the more wait, the oftener. So it stands in a line, named by what it waits for. Whenever
something may have made room, each line is gone through from its head until somebody there still can't go: one look in
vain, however many wait. Nothing of it is written: whoever takes over finds them by their deadlines, which have passed.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from schemas.times import Micros

Line = tuple[int, str]
"""A line's name: the lower number is gone through first; the word says what is waited for."""


class Standing(NamedTuple):
    """Where a key stands: its lines, each with the moment at which its head looks again even if nothing has made room.

    ``at``: when the key itself needs a look, whatever its lines do; ``None``: never.
    """

    lines: Mapping[Line, Micros]
    at: Micros | None


class Lines:
    """The keys that stand in lines, each in one or several, in the order of their coming."""

    def __init__(self) -> None:
        self._keys: dict[Line, dict[bytes, None]] = {}
        self._look_at: dict[Line, Micros] = {}
        self._of: dict[bytes, tuple[Line, ...]] = {}

    def stand(self, key: bytes, standing: Standing) -> None:
        """Has ``key`` stand there and nowhere else. Where it stood before it keeps its place."""
        for line in self._of.get(key, ()):
            if line not in standing.lines:
                self._remove(key, line)
        self._of[key] = tuple(standing.lines)
        for line, look_at in standing.lines.items():
            self._keys.setdefault(line, {})[key] = None
            self._look_at[line] = min(look_at, self._look_at.get(line, look_at))

    def leave(self, key: bytes) -> None:
        """Takes ``key`` out of all its lines."""
        for line in self._of.pop(key, ()):
            self._remove(key, line)

    @property
    def next(self) -> Micros | None:
        """When the next line is to be gone through, if nothing makes room before."""
        return min((self._look_at.get(line, 0) for line in self._keys), default=None)

    def open(self, now: Micros, *, room: bool) -> list[tuple[Line, Collection[bytes]]]:
        """The lines to go through, each with its keys: those whose time has come, and all where there may be ``room``.

        Of a line that is gone through somebody must ``stand`` or all ``leave``, or else it is open again at once.
        """
        opened = sorted(line for line in self._keys if room or self._look_at.get(line, 0) <= now)
        for line in opened:
            self._look_at.pop(line, None)
        return [(line, self._keys[line]) for line in opened]

    def _remove(self, key: bytes, line: Line) -> None:
        keys = self._keys[line]
        del keys[key]
        if not keys:
            del self._keys[line]
            self._look_at.pop(line, None)

    def __len__(self) -> int:
        return len(self._of)
