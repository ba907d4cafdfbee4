"""What a stand-in that is a process of its own can be told to do: of these what makes sense at its vendor."""

import msgspec

from orderbell.standins.faults import Fault


class Reply(msgspec.Struct, tag_field="do", tag="reply", forbid_unknown_fields=True):
    """Somebody answers a message."""

    number: str
    content: str


class Fate(msgspec.Struct, tag_field="do", tag="fate", forbid_unknown_fields=True):
    """What a telephone makes of its messages from now on; ``null``: no report comes."""

    number: str
    err_code: str | None


class Hush(msgspec.Struct, tag_field="do", tag="hush", forbid_unknown_fields=True):
    """No report of a number's messages is pushed from now on."""

    number: str


class Befall(msgspec.Struct, tag_field="do", tag="fault", forbid_unknown_fields=True):
    """Something goes wrong with a request to come."""

    fault: Fault


class Last(msgspec.Struct, tag_field="do", tag="last", forbid_unknown_fields=True):
    """Something goes wrong with all requests of an action, until it is ``null``."""

    action: str
    fault: Fault | None


class Touch(msgspec.Struct, tag_field="do", tag="touch", forbid_unknown_fields=True):
    """Somebody touches the last push to a device."""

    number: str


class Gone(msgspec.Struct, tag_field="do", tag="gone", forbid_unknown_fields=True):
    """There is no such device any more, or somebody follows no more."""

    number: str


Command = Reply | Fate | Hush | Befall | Last | Touch | Gone
