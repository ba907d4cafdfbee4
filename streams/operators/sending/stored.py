"""The form of the sender's entries in its changelog, and how the forms before it are read.

Format 1 knew text messages only: a notification had a ``number``, and ``halted`` was one verdict for all that it told.
Nor did it say whether a customer was ``erased``, only until when that was remembered. Versions on the way from there to
format 2 called theirs the first as well, so what has its present form already is left as it is.
"""

from typing import Any, cast

from streams.engine.table import Codec
from streams.operators.sending.desk import State

_AT_ONCE = ["format 1", 0]
"""Something to be forgotten at once, so that the outbox is looked at when it is restored."""


def _from_format_1(entry: dict[str, Any]) -> dict[str, Any]:
    """What format 2 makes of an entry; of all kinds of entries only outboxes have changed."""
    if entry["type"] != "outbox":
        return entry
    changed: dict[str, Any] = {"notifications": [_notification(each) for each in entry.get("notifications", ())]}
    if entry.get("erased_until"):
        # The look puts it where no name leads to it.
        changed |= {"erased": True, "done": [_AT_ONCE, *entry.get("done", ())]}
    return entry | changed


def _notification(former: dict[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in former.items() if name != "number"}
    if "number" in former:
        changed["address"] = former["number"]
    halted = former.get("halted")
    if halted and isinstance(halted[0], str):
        changed["halted"] = [[command_id, halted] for command_id in former["command_ids"]]
    return changed


CODEC: Codec[State] = Codec(cast("type[State]", State), version=2, former={1: _from_format_1})
