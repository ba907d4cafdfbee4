"""From a record's bytes to an event, or to the reason why it can't be one.

The good path costs one pass of msgspec and one check of the ids' characters. Only a record that fails it is looked
at again, to find the reason that the contract names.
"""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from streams.engine.turn import Record
from streams.errors import Invalid

E = TypeVar("E")

VALUE_LIMIT = 65_536
"""The largest value that upstream may publish, in bytes."""

_IDS = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_NULL = re.compile(r"got `null`")
_TYPE = re.compile(r"(Expected `[^`]+`(, got `[^`]+`)?( - at `[^`]*`)?\Z)|(Expected `(?:array|object)`)")


class Decoder(Generic[E]):
    """Reads the events of one topic.

    ``key`` names the field that must equal the record's key. Events are a union tagged by ``type``, or one Struct.
    """

    def __init__(self, event_type: Any, key: str) -> None:
        self._decode: Callable[[bytes], E] = msgspec.json.Decoder(event_type).decode
        self._key = key

    def __call__(self, record: Record) -> E | None:
        """The event; ``None`` for an unknown ``type``. Raises ``Invalid`` with the contract's reason."""
        value = record.value
        if value is None:
            raise Invalid("null_value", "the value is null")
        if len(value) > VALUE_LIMIT:
            raise Invalid("too_large", f"the value has {len(value)} bytes, {VALUE_LIMIT} are allowed")
        try:
            value.isascii() or value.decode()
            event = self._decode(value)
        except msgspec.ValidationError as error:
            if _unknown_type(value, error):
                return None
            raise Invalid(_reason(value, error), _without_values(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Invalid("not_json", type(error).__name__) from None
        except RecursionError:
            raise Invalid("bad_value", "nested too deeply") from None
        self._check(event, record.key)
        return event

    def _check(self, event: E, key: bytes | None) -> None:
        ids = getattr(event, "ids", None)
        if ids is not None and not _IDS(ids):
            raise Invalid("bad_value", "an id has a character other than A-Z a-z 0-9 _ -")
        if key is None:
            raise Invalid("key_mismatch", "the key is null")
        if key != getattr(event, self._key).encode():
            raise Invalid("key_mismatch", f"the key differs from {self._key}")


def _unknown_type(value: bytes, error: msgspec.ValidationError) -> bool:
    return str(error).startswith("Invalid value ") and str(error).endswith("`$.type`")


def _reason(value: bytes, error: msgspec.ValidationError) -> Any:
    text = str(error)
    if "missing required field" in text or _NULL.search(text):
        return "missing_field"
    if text.endswith("`$.type`"):  # msgspec does not say here what it got
        return "missing_field" if msgspec.json.decode(value)["type"] is None else "wrong_type"
    if "with a timezone component" in text or "matching regex" in text or "of length" in text:
        return "bad_value"
    return "wrong_type" if _TYPE.match(text) else "bad_value"


def _without_values(error: msgspec.ValidationError) -> str:
    """The error's text without what upstream wrote, which may be personal."""
    return re.sub(r"'[^']*'", "'..'", str(error))[:300]
