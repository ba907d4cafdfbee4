"""Who said stop, as far as ``opt-outs`` was read.

Of two records of one number and scope the later holds, and of two at one moment the stop, so the order in which they
come does not matter and reading some of them again changes nothing.
"""

import msgspec
import structlog

from schemas.opt_outs import OptOut, Scope
from schemas.times import Micros, micros
from streams.policy.opt_outs import Hasher

log = structlog.get_logger()

_KEPT = 16
"""How many bytes of a number's HMAC are remembered: enough that no two meet, half of what they would take."""
_MARKS: dict[str, bytes] = {"all": b"a", "marketing": b"m"}


class OptOutTable:
    """The newest word of each number and scope, in some 170 bytes each."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._decode = msgspec.json.Decoder(OptOut).decode
        self._newest: dict[bytes, int] = {}

    def apply(self, key: bytes | None, value: bytes | None, timestamp: Micros) -> None:
        """Takes a record of ``opt-outs``.

        One that can't be read, say because a newer version wrote it, stops its number: a text message too few can
        be mended, one too many can't.
        """
        place = _place(key)
        if place is None:
            log.error("opt_out_without_number")
        elif value is None:
            self._newest.pop(place, None)
        else:
            try:
                opt_out = self._decode(value)
            except msgspec.DecodeError:
                log.error("opt_out_unreadable")
                self._learn(place, timestamp, stopped=True)
            else:
                self._learn(place, micros(opt_out.at), stopped=opt_out.stopped)

    def _learn(self, place: bytes, at: Micros, *, stopped: bool) -> None:
        word = _word(at, stopped=stopped)
        if word > self._newest.get(place, -1):
            self._newest[place] = word

    def stopped(self, number: str) -> bool:
        """Whether nothing may go by SMS to ``number`` (E.164)."""
        return self._stops(self._hasher(number), "all")

    def stopped_marketing(self, number: str) -> bool:
        """Whether nothing that advertises may go by SMS to ``number`` (E.164)."""
        named = self._hasher(number)
        return self._stops(named, "all") or self._stops(named, "marketing")

    def _stops(self, number_key: str, scope: Scope) -> bool:
        return self._known(number_key, scope) & 1 == 1

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        """Whether a stop of that moment would change nothing, since it is known, or a later word is."""
        return self._known(number_key, scope) >= _word(at, stopped=True)

    def _known(self, number_key: str, scope: Scope) -> int:
        return self._newest.get(bytes.fromhex(number_key)[:_KEPT] + _MARKS[scope], 0)

    def __len__(self) -> int:
        return len(self._newest)


def _word(at: Micros, *, stopped: bool) -> int:
    """A moment and what was said then, ordered as they overrule each other."""
    return max(at, 1) * 2 + stopped


def _place(key: bytes | None) -> bytes | None:
    number_key, _, scope = (key or b"").decode(errors="replace").partition(".")
    mark = _MARKS.get(scope or "all")
    try:
        digest = bytes.fromhex(number_key)
    except ValueError:
        return None
    return None if mark is None or len(digest) < _KEPT else digest[:_KEPT] + mark
