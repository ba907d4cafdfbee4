"""What vendors push to us: delivery reports and replies, read, and what is to be known of a vendor for that.

They write some numbers as text and some text as numbers, so either is taken where nothing hangs on it; what they add
is ignored. Their times are Beijing time without an offset.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import msgspec

from agents.gateways.packing import Packing
from schemas.callbacks import What
from schemas.calls import ErrorClass
from schemas.times import Micros, micros
from streams.errors import Invalid
from streams.policy.echo import Echo, echo, parse

_BEIJING = timezone(timedelta(hours=8))
_LONGEST_ID = 200
"""The vendors' ids are a tenth of that. Each is a key of ours while its message is waited for."""


class Report(NamedTuple):
    """A delivery report.

    It is of the message that ``message_id``, the vendor's id, names; or of ``owner``'s, where it echoes an id of ours.
    At least one of them is there. ``delivered`` is ``None`` where nothing is known yet. ``code`` is the vendor's own
    word for why it was not delivered, ``error_class`` the class of that. A number or a time that can't be read is
    ``None`` as well.
    """

    provider: str
    number: str | None
    delivered: bool | None
    code: str | None
    error_class: ErrorClass | None
    message_id: str | None
    owner: Echo | None
    sent_at: Micros | None
    reported_at: Micros | None

    @property
    def key(self) -> str:
        """Under which the report is stored: what it can be joined by."""
        return f"{self.provider}:{self.message_id}" if self.owner is None else echo(*self.owner)


class Reply(NamedTuple):
    """What the owner of ``number`` (E.164) wrote back."""

    number: str
    content: str
    at: Micros | None


class Push(NamedTuple):
    """One kind of push. ``path`` is what its address ends in after the token."""

    path: str
    packing: Packing


def _no_replies(_: bytes) -> Reply:
    raise Invalid("bad_value", "nobody can reply by this vendor")


class Format(NamedTuple):
    """A vendor's. ``taken`` is the answer to a push, of the type ``media``.

    ``report`` and ``reply`` read an element, and raise ``Invalid``; of an element that tells nothing of any message
    ``report`` makes ``None``, and it is not kept. ``checked`` is the answer to the vendor's connectivity check, a GET,
    by its query, in plain text; without it the answer is ``taken``. ``signed`` says by a request's query whether it is
    signed with our token; without it nothing is.
    """

    provider: str
    pushes: Mapping[What, Push]
    taken: bytes
    report: Callable[[bytes], Report | None]
    reply: Callable[[bytes], Reply] = _no_replies
    checked: Callable[[Mapping[str, str]], bytes] | None = None
    signed: Callable[[Mapping[str, str], str], bool] | None = None
    media: str = "application/json"


def echoed(query: Mapping[str, str]) -> bytes:
    """The answer to a vendor that asks for what it sends along."""
    return query.get("echostr", "").encode(errors="surrogateescape")


Fields = dict[str, Any]


def fields(element: bytes) -> Fields:
    """The fields of an element. Raises ``Invalid``."""
    try:
        read = msgspec.json.decode(element)
    except (msgspec.DecodeError, RecursionError) as error:  # numbers are not looked at while they are only skipped
        raise Invalid("bad_value", type(error).__name__) from None
    if not isinstance(read, dict):
        raise Invalid("wrong_type", "expected an object")
    return read


def text(read: Fields, name: str) -> str | None:
    """A field's text; ``None`` for one that is absent or empty. Raises ``Invalid``."""
    value = read.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise Invalid("wrong_type", f"{name}: expected text")
    return value or None


def beijing_time(read: Fields, name: str) -> Micros | None:
    """A field's time; ``None`` for one that is absent or none."""
    value = read.get(name)
    if not isinstance(value, str):
        return None
    try:
        return micros(datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING))
    except ValueError:
        return None


def whose(read: Fields, theirs: str, ours: str) -> tuple[str | None, Echo | None]:
    """The vendor's id of the message, and what an echo of our own says. Raises ``Invalid`` where there is neither."""
    message_id, echoed = text(read, theirs), text(read, ours)
    owner = None if echoed is None else parse(echoed)
    if message_id is None and owner is None:
        raise Invalid("missing_field", f"neither {theirs} nor an {ours} of ours")
    if message_id is not None and len(message_id) > _LONGEST_ID:
        raise Invalid("bad_value", f"{theirs}: longer than {_LONGEST_ID} characters")
    return message_id, owner
