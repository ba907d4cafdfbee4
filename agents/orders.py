"""Judges what goes wrong with orders: what is new becomes a command, the rest ends here with its reason."""

from typing import Any, get_args

from schemas.orders import Event
from schemas.times import Micros
from streams import topics
from streams.decode import Decoder
from streams.engine.table import Codec
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.operators.commands import ALL, Found, Settling, decision, notify, settle
from streams.operators.commands import subject as subject_name
from streams.operators.exceptions import Which, exception, found, settles, settling
from streams.operators.moments import found_at
from streams.operators.order import REMEMBERED, Order, closes
from streams.operators.repeats import Subject, judge
from streams.policy.rules import Rules

_COUNTED = {kind: ("events", topics.ORDERS.name, kind.__struct_config__.tag) for kind in get_args(Event)}


class Orders:
    """The processor of the task ``orders``: one entry for each order."""

    def __init__(self) -> None:
        self._decode: Decoder[Event] = Decoder(Event, "order_id")

    def record(self, turn: Turn[Order, Rules], record: Record) -> None:
        """Takes an event: what it says of the order, then the exception that it is, then what it settles."""
        event = self._decode(record)
        if event is None:
            turn.count("skipped", record.topic, "unknown_type")
            return
        turn.counts[_COUNTED[type(event)]] += 1
        key = event.order_id.encode()
        order = turn.own(key) or Order()
        if event.event_id in order.seen:
            turn.count("skipped", record.topic, "redelivered")
            return
        now = found_at(turn, record)
        order.learn(event, now)
        if which := exception(event):
            _judge(turn, order, event, which, now)
        if which := settles(event):
            _settle(turn, order, event, which, now)
        if closes(event):
            _close(turn, order, event, now)
        turn.put(key, order)

    def due(self, turn: Turn[Order, Rules], key: bytes, entry: Order) -> None:
        """Forgets an order without news."""
        turn.delete(key)

    def result(self, turn: Turn[Order, Rules], call: Any, result: Any) -> None:
        """Nothing is called."""

    def deadline(self, entry: Order, rules: Rules, floor: Micros) -> Micros:
        """When the order is forgotten."""
        return entry.news_at + REMEMBERED


def _judge(turn: Turn[Order, Rules], order: Order, event: Event, which: Which, now: Micros) -> None:
    """Tells the exception to whom it concerns. Good news of its kind, where it was true so far, is so no longer."""
    turn.count("exceptions", which.kind)
    told = [what.audience for what in found(event, which, order) if _tell(turn, order, what, now)]
    news = which.good_news
    if news is None or "buyer" not in told:
        return
    if _known(order, event, news).ends(settling(event, news.kind, news.part).before):
        _settle(turn, order, event, news, now)


def _tell(turn: Turn[Order, Rules], order: Order, what: Found, now: Micros) -> bool:
    """Whether it is let through; else it is said how it ended."""
    subject = order.subject(what.subject)
    window = turn.rules.kinds[what.kind].repeat_window
    verdict = judge(subject, what.occurred_at, window, closed=order.closed, consignor=what.consignor)
    if verdict is not None:
        turn.count("decisions", *verdict)
        turn.emit(topics.DECISIONS.name, what.customer_id, decision(what, verdict, turn.wall, turn.rules))
        return False
    order.remember(what.subject, subject.let(what.occurred_at, what.consignor))
    turn.emit(topics.COMMANDS.name, what.customer_id, notify(what, now, turn.rules))
    return True


def _settle(turn: Turn[Order, Rules], order: Order, event: Event, which: Which, now: Micros) -> None:
    """Ends what occurred before, and says so to whom it was told; what is over thereby may be good news."""
    subject = _known(order, event, which)
    over = settling(event, which.kind, which.part)
    order.remember(subject_name(event.order_id, which.kind, which.part), subject.settle(over.before))
    if subject.let_through is not None:
        _write(turn, over, now)
    for consignor in subject.consignors:
        _write(turn, over.to(consignor), now)
    news = which.good_news
    if news is not None and subject.ends(over.before) and not order.closed and turn.rules.tells(news.kind):
        for what in found(event, news, order):
            _tell(turn, order, what, now)


def _known(order: Order, event: Event, which: Which) -> Subject:
    return order.subject(subject_name(event.order_id, which.kind, which.part))


def _close(turn: Turn[Order, Rules], order: Order, event: Event, now: Micros) -> None:
    """Ends the order, with all that is pending on it but its own cancellation.

    An order that is cancelled again has nothing left to settle but the first cancellation, and of that one repeat
    must not keep anybody from hearing.
    """
    cancelled = order.subject(subject_name(event.order_id, "order_cancelled"))
    again = order.closed and exception(event) is not None
    order.close()
    over = settling(event, ALL)
    if not (again and cancelled.let_through is not None):
        _write(turn, over, now)
    for consignor in order.consignors_told():
        if not (again and consignor in cancelled.consignors):
            _write(turn, over.to(consignor), now)


def _write(turn: Turn[Order, Rules], over: Settling, now: Micros) -> None:
    turn.emit(topics.COMMANDS.name, over.customer_id, settle(over, now, turn.rules))


def kind() -> TaskKind[Order, Rules]:
    """The task ``orders``."""
    return TaskKind("orders", (topics.ORDERS.name,), Orders(), Codec(Order), clock="partition")
