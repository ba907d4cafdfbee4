"""Watches shipments: a carrier's silence becomes a command, its next word settles it, and may be good news."""

from typing import Any, get_args

from schemas.logistics import Event
from schemas.times import Micros, micros
from schemas.words import RuledKind
from streams import topics
from streams.decode import Decoder
from streams.engine.table import Codec
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.operators import resumed, watch
from streams.operators.commands import Found, Settling, notify, settle
from streams.operators.moments import found_at, stamp
from streams.operators.watch import News, Shipment, Told
from streams.policy.rules import Rules

_COUNTED = {kind: ("events", topics.LOGISTICS.name, kind.__struct_config__.tag) for kind in get_args(Event)}


class Shipments:
    """The processor of the task ``logistics``: one entry for each tracking number."""

    def __init__(self) -> None:
        self._decode: Decoder[Event] = Decoder(Event, "tracking_no")

    def record(self, turn: Turn[Shipment, Rules], record: Record) -> None:
        """Takes an update: the watch starts again, or ends."""
        event = self._decode(record)
        if event is None:
            turn.count("skipped", record.topic, "unknown_type")
            return
        turn.counts[_COUNTED[type(event)]] += 1
        key = event.tracking_no.encode()
        before = turn.get(key)
        after = watch.after(before, event, stamp(record, turn.wall), turn.now)
        if after is None:
            return
        turn.put(key, after)
        if before is not None and (before.told is not None or before.news is not None):
            _go_on(turn, record, event, before, after)

    def due(self, turn: Turn[Shipment, Rules], key: bytes, entry: Shipment) -> None:
        """Tells a stall, or forgets the shipment."""
        named = entry.named
        if named is None or watch.forgotten_at(entry, turn.floor) <= turn.now:
            turn.delete(key)
            return
        stalled = Found(
            kind="shipment_stalled",
            part=key.decode(),
            order_id=named.order_id,
            customer_id=named.customer_id,
            tracking_no=key.decode(),
            event_id=entry.event_id,
            occurred_at=entry.at,
            facts=watch.facts(entry, turn.now, turn.floor),
        )
        turn.count("exceptions", stalled.kind)
        if entry.news is not None and entry.news.told:
            over = _over("shipment_resumed", entry.news, key.decode(), stalled.event_id, entry.at, entry.at)
            turn.emit(topics.COMMANDS.name, over.customer_id, settle(over, turn.now, turn.rules))
        turn.emit(topics.COMMANDS.name, stalled.customer_id, notify(stalled, turn.now, turn.rules))
        turn.put(key, watch.told(entry, named))

    def result(self, turn: Turn[Shipment, Rules], call: Any, result: Any) -> None:
        """Nothing is called."""

    def deadline(self, entry: Shipment, rules: Rules, floor: Micros) -> Micros:
        """When the shipment next needs a look."""
        return watch.deadline(entry, rules, floor)


def _go_on(turn: Turn[Shipment, Rules], record: Record, event: Event, before: Shipment, after: Shipment) -> None:
    """What is over now that ``event`` has come, and whether that is good news."""
    now = found_at(turn, record)
    after.news = news = resumed.since(before, after, event, now, turn.rules, turn.floor)
    if before.told is not None and after.told is None:
        _settle(turn, record, event, "shipment_stalled", before.told, before.at)
    if before.news is not None and before.news.told and after.ended_until:
        _settle(turn, record, event, "shipment_resumed", before.news, before.at)
    elif news is not None and news.told and news != before.news:
        moves = Found(
            kind="shipment_resumed",
            part=event.tracking_no,
            order_id=news.order_id,
            customer_id=news.customer_id,
            tracking_no=event.tracking_no,
            event_id=event.event_id,
            occurred_at=after.at,
            facts={} if after.named is None else {"carrier": after.named.carrier},
        )
        turn.emit(topics.COMMANDS.name, moves.customer_id, notify(moves, now, turn.rules))


def _settle(
    turn: Turn[Shipment, Rules], record: Record, event: Event, kind: RuledKind, told: Told | News, counted_from: Micros
) -> None:
    """Settles what was told. An end may be older than the update that a stall counts from."""
    occurred_at = watch.effective(micros(event.occurred_at), stamp(record, turn.wall))
    before = max(occurred_at, counted_from)
    over = _over(kind, told, event.tracking_no, event.event_id, occurred_at, before)
    turn.emit(topics.COMMANDS.name, over.customer_id, settle(over, found_at(turn, record), turn.rules))


def _over(
    kind: RuledKind, told: Told | News, tracking_no: str, event_id: str, occurred_at: Micros, before: Micros
) -> Settling:
    return Settling(
        kind=kind,
        part=tracking_no,
        order_id=told.order_id,
        customer_id=told.customer_id,
        tracking_no=tracking_no,
        event_id=event_id,
        occurred_at=occurred_at,
        before=before,
    )


def kind() -> TaskKind[Shipment, Rules]:
    """The task ``logistics``."""
    return TaskKind("logistics", (topics.LOGISTICS.name,), Shipments(), Codec(Shipment), clock="partition")
