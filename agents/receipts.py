"""Brings the vendors' delivery reports to the attempts they are about, and puts aside what can't be read.

Stops are not its business: ``agents/web/intake.py`` has written them before the vendor was answered.
"""

from typing import Any

import msgspec

from agents.gateways.formats import FORMATS
from schemas.callbacks import Callback
from schemas.reports import MessageReport, ProviderMessage
from schemas.times import Micros, instant, micros
from streams import topics
from streams.dead_letters import put_aside
from streams.decode import Decoder
from streams.engine.table import Codec
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.errors import Invalid
from streams.operators import report_join
from streams.operators.report_join import Heard, Joining
from streams.policy.echo import Echo
from streams.policy.opt_outs import stop_word
from streams.policy.rules import Rules


class Receipts:
    """The processor of the task ``receipts``: one entry for each message that a vendor names by its own id."""

    def __init__(self) -> None:
        self._callback = msgspec.json.Decoder(Callback)
        self._message: Decoder[ProviderMessage] = Decoder(ProviderMessage, "key")

    def record(self, turn: Turn[Joining, Rules], record: Record) -> None:
        """Takes a callback, or the acceptance of a message, or that it is nobody's any more."""
        if record.topic == topics.PROVIDER_MESSAGES.name:
            self._accepted(turn, record)
            return
        callback = self._stored(record)
        element = FORMATS[callback.provider].pushes[callback.what].packing.element(callback.element)
        try:
            if callback.what == "receipt":
                _report(turn, callback, element)
            else:
                _reply(turn, callback, element)
        except Invalid as why:
            _put_aside(turn, record, element, why)

    def _stored(self, record: Record) -> Callback:
        if record.value is None:
            raise Invalid("null_value", "the value is null")
        try:
            callback = self._callback.decode(record.value)
        except msgspec.DecodeError as error:
            raise Invalid("bad_value", f"not a stored callback: {type(error).__name__}") from None
        if callback.provider not in FORMATS or callback.what not in FORMATS[callback.provider].pushes:
            raise Invalid("bad_value", "a callback that no provider makes")
        return callback

    def _accepted(self, turn: Turn[Joining, Rules], record: Record) -> None:
        if record.value is None:
            _withdrawn(turn, record)
            return
        accepted = self._message(record)
        if accepted is None or record.key is None:
            return
        owner = Echo(accepted.customer_id, accepted.notification_id, accepted.attempt)
        entry, waited = report_join.message(turn.get(record.key), owner, turn.wall)
        turn.put(record.key, entry)
        for heard in waited:
            _pass_on(turn, accepted.provider, accepted.message_id, owner, heard)

    def due(self, turn: Turn[Joining, Rules], key: bytes, entry: Joining) -> None:
        """What was waited for did not come, or has come long since."""
        if entry.owner is None:
            turn.count("reports", key.decode().partition(":")[0], "unmatched")
        turn.delete(key)

    def result(self, turn: Turn[Joining, Rules], call: Any, result: Any) -> None:
        """Nothing is called."""

    def deadline(self, entry: Joining, rules: Rules, floor: Micros) -> Micros:
        """When the entry ends."""
        return entry.until


def _withdrawn(turn: Turn[Joining, Rules], record: Record) -> None:
    """Whoever the message went to is erased: its reports lead nowhere any more."""
    entry = None if record.key is None else turn.get(record.key)
    if record.key is not None and entry is not None and not entry.claimed:
        turn.delete(record.key)


def _report(turn: Turn[Joining, Rules], callback: Callback, element: bytes) -> None:
    report = FORMATS[callback.provider].report(element)
    if report is None or report.delivered is None:
        turn.count("reports", callback.provider, "no_news")
        return
    heard = Heard(
        delivered=report.delivered,
        reported_at=micros(callback.received_at) if report.reported_at is None else report.reported_at,
        sent_at=report.sent_at,
        code=report.code,
        reason=report.error_class,
    )
    owner = report.owner
    if owner is None:
        key = report.key.encode()
        entry, owner = report_join.report(turn.get(key), heard, turn.wall)
        turn.put(key, entry)
    if owner is None:
        turn.count("reports", callback.provider, "waiting")
    else:
        _pass_on(turn, callback.provider, report.message_id, owner, heard)


def _pass_on(turn: Turn[Joining, Rules], provider: str, message_id: str | None, owner: Echo, heard: Heard) -> None:
    report = MessageReport(
        customer_id=owner.customer_id,
        notification_id=owner.notification_id,
        attempt=owner.attempt,
        provider=provider,
        provider_message_id=message_id,
        status="delivered" if heard.delivered else "undelivered",
        reported_at=instant(heard.reported_at),
        sent_at=None if heard.sent_at is None else instant(heard.sent_at),
        code=heard.code,
        reason=heard.reason,
    )
    turn.emit(topics.MESSAGE_REPORTS.name, owner.customer_id, report)
    turn.count("reports", provider, report.status)


def _reply(turn: Turn[Joining, Rules], callback: Callback, element: bytes) -> None:
    """Nothing follows from a reply here; it is read so that one that can't be read comes to light."""
    reply = FORMATS[callback.provider].reply(element)
    turn.count("replies", callback.provider, stop_word(reply.content) or "nothing")


def _put_aside(turn: Turn[Joining, Rules], record: Record, element: bytes, why: Invalid) -> None:
    """The element alone becomes the dead letter: the rest of the record is our own."""
    put_aside(turn, msgspec.structs.replace(record, key=None, value=element), why)


def kind() -> TaskKind[Joining, Rules]:
    """The task ``receipts``."""
    return TaskKind(
        "receipts",
        (topics.PROVIDER_CALLBACKS.name, topics.PROVIDER_MESSAGES.name),
        Receipts(),
        Codec(Joining),
        clock="wall",
    )
