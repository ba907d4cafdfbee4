"""From a record's bytes to an event, or to the reason why it can't be one.

The good path costs one pass of msgspec and one check of the ids' characters. Only a record that fails it is looked
at again, to find the reason that the contract names.
"""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar, get_args

import msgspec

from streams.engine.turn import Record
from streams.errors import DeadLetterReason, Invalid

E = TypeVar("E")

VALUE_LIMIT = 65_536
"""The largest value that upstream may publish, in bytes."""

_IDS = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_NULL = re.compile(r"Expected `[^`]+`, got `null`")
_TYPE = re.compile(r"Expected `[^`]+`(, got `[^`]+`)?( - at `[^`]*`)?\Z")
_QUOTED = re.compile(r"""['"].*['"]""", re.DOTALL)


class Decoder(Generic[E]):
    """Reads the events of one topic.

    ``key`` names the field that must equal the record's key. Events are a union tagged by ``type``, or one Struct;
    ``ids`` of an event, where it has them, are checked for their characters.
    """

    def __init__(self, event_type: Any, key: str) -> None:
        self._decode: Callable[[bytes], E] = msgspec.json.Decoder(event_type).decode
        self._key = key
        self._has_ids = all(hasattr(member, "ids") for member in _members(event_type))
        self._tags = frozenset(member.__struct_config__.tag for member in _members(event_type))

    def __call__(self, record: Record) -> E | None:
        """The event; ``None`` for an unknown ``type``. Raises ``Invalid`` with the contract's reason."""
        value = record.value
        if value is None:
            raise Invalid("null_value", "the value is null")
        if len(value) > VALUE_LIMIT:
            raise Invalid("too_large", f"the value has {len(value)} bytes, {VALUE_LIMIT} are allowed")
        try:
            value.isascii() or value.decode()  # msgspec skips what it ignores without reading it as UTF-8
            event = self._decode(value)
        except msgspec.ValidationError as error:
            if self._of_unknown_type(value, str(error)):
                return None
            raise Invalid(_reason(value, str(error)), _without_values(str(error))) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Invalid("not_json", type(error).__name__) from None
        except RecursionError:
            raise Invalid("bad_value", "nested too deeply") from None
        if self._has_ids and not _IDS(event.ids):  # type: ignore[attr-defined]
            raise Invalid("bad_value", "an id has a character other than A-Z a-z 0-9 _ -")
        if record.key != getattr(event, self._key).encode():
            raise Invalid("key_mismatch", f"the key is not the {self._key}")
        return event

    def _of_unknown_type(self, value: bytes, error: str) -> bool:
        """Whether all that is wrong is a ``type`` that is not known. Of a ``type`` given twice the last counts."""
        if not (error.startswith("Invalid value ") and error.endswith("`$.type`")):
            return False
        named = _whole(value)
        return named is _UNREAD or named["type"] not in self._tags


_UNREAD: Any = object()


def _members(event_type: Any) -> tuple[Any, ...]:
    return get_args(event_type) or (event_type,)


def _whole(value: bytes) -> Any:
    """All of the value. msgspec stops at the first thing that is wrong, so whether it is JSON is not known before."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise Invalid("not_json", type(error).__name__) from None
    except RecursionError:
        return _UNREAD


def _reason(value: bytes, error: str) -> DeadLetterReason:
    whole = _whole(value)
    if error.startswith("Expected `object`, got ") and " - at " not in error:
        return "wrong_type"
    if error.endswith("`$.type`"):  # msgspec does not say here what it got
        return "wrong_type" if whole is _UNREAD else _reason_of_type(whole["type"])
    if error.startswith("Object missing required field ") or _NULL.match(error):
        return "missing_field"
    return "wrong_type" if _TYPE.match(error) else "bad_value"


def _reason_of_type(given: Any) -> DeadLetterReason:
    if given is None:
        return "missing_field"
    return "bad_value" if isinstance(given, str) else "wrong_type"


def _without_values(error: str) -> str:
    """The error's text without what upstream wrote, which may be personal."""
    return _QUOTED.sub("'..'", error)[:300]
