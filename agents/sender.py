"""Sends what is commanded, once, to whoever is to hear it: commands, profiles and reports of one customer meet here.

The rules and the theory stand in ``streams/operators/sending/__init__.py``.
"""

from typing import cast

import msgspec

from schemas.calls import QueryResult, Request, SendResult
from schemas.customers import Customer
from schemas.outputs import Command
from schemas.reports import MessageReport
from schemas.times import MILLISECOND, Micros
from streams import topics
from streams.decode import Decoder
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.operators.ports import OptOuts, Progress
from streams.operators.sending import arrival, due, nameless, results, share, spend, stored, storm
from streams.operators.sending.calls import QueryCall, SendCall
from streams.operators.sending.desk import Desk, State, Ways
from streams.operators.sending.lasting import lasting
from streams.operators.sending.outbox import Outbox
from streams.operators.sending.share import Share
from streams.operators.sending.spend import Spent
from streams.policy.opt_outs import Hasher
from streams.policy.rules import Rules
from streams.policy.surge import Surge

SLOTS = 64
"""How many calls a task has under way at once at each provider, unless told otherwise."""


class Sender:
    """Decodes, finds the customer's outbox, has the operators work on it, puts it back.

    What comes is only folded in; what follows from it is done when it is due, after all that came with it.
    """

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._command: Decoder[Command] = Decoder(Command, "customer_id")
        self._report: Decoder[MessageReport] = Decoder(MessageReport, "customer_id")

    def record(self, turn: Turn[State, Rules], record: Record) -> None:
        """Takes a command, a profile or a report."""
        if record.topic == topics.COMMANDS.name:
            self._commanded(turn, record)
        elif record.topic == topics.PROFILES.name:
            self._changed(turn, record)
        else:
            self._reported(turn, record)

    def _commanded(self, turn: Turn[State, Rules], record: Record) -> None:
        command = self._command(record)
        if command is None:
            return
        arrival.check(command, turn.rules)
        desk = Desk(turn, command.customer_id, self._ways)
        if command.action == "notify":
            arrival.notify(desk, command)
        else:
            arrival.settle(desk, command)
        _close(desk)

    def _changed(self, turn: Turn[State, Rules], record: Record) -> None:
        if record.key is not None and record.key != topics.BEAT:
            desk = Desk(turn, record.key.decode(), self._ways)
            arrival.profile(desk, erased=record.value is None)
            _close(desk)

    def _reported(self, turn: Turn[State, Rules], record: Record) -> None:
        report = self._report(record)
        if report is not None:
            desk = Desk(turn, report.customer_id, self._ways)
            arrival.report(desk, report)
            _close(desk)

    def due(self, turn: Turn[State, Rules], key: bytes, entry: State) -> None:
        """Plans, sends, asks, gives up, forgets: whatever is due of a customer. A road is judged anew, a storm ends."""
        if isinstance(entry, Share):
            share.due(turn, key, entry)
            return
        if isinstance(entry, Surge):
            storm.due(turn, key, entry)
            return
        if isinstance(entry, Spent):
            spend.due(turn, key, entry)
            return
        if isinstance(entry, Outbox) and nameless.is_key(key):
            due.of_nobody(turn, key, entry)
            return
        desk = Desk(turn, key.decode(), self._ways)
        due.advance(desk)
        _close(desk)
        due.stand(desk, key)

    def result(
        self, turn: Turn[State, Rules], call: SendCall[Request] | QueryCall, result: SendResult | QueryResult | None
    ) -> None:
        """Takes what a provider answered."""
        desk = Desk(turn, call.customer_id, self._ways)
        if isinstance(call, SendCall):
            results.of_sending(desk, call, cast("SendResult | None", result))
        else:
            results.of_asking(desk, call, cast("QueryResult | None", result))
        _close(desk)

    def deadline(self, entry: State, rules: Rules, floor: Micros) -> Micros | None:
        """When the outbox, or what is known of a road or of a storm, next needs a look. All else needs none."""
        if isinstance(entry, Share | Surge):
            return entry.deadline
        if isinstance(entry, Spent):
            return entry.until
        return due.deadline(entry, rules) if isinstance(entry, Outbox) else None


def _close(desk: Desk) -> None:
    due.forget(desk)
    desk.close()


def kind(
    opt_outs: OptOuts, progress: Progress, providers: tuple[str, ...], hasher: Hasher, tasks: int, slots: int = SLOTS
) -> TaskKind[State, Rules]:
    """The sender. ``providers`` are those that have a gateway; ``hasher`` names numbers in the opt-out ledger;
    ``tasks``: how many senders there are in the group."""
    ways = Ways(opt_outs=opt_outs, progress=progress, providers=providers, slots=slots, tasks=tasks, hasher=hasher)
    return TaskKind(
        name="sender",
        sources=(topics.COMMANDS.name, topics.PROFILES.name, topics.MESSAGE_REPORTS.name),
        processor=Sender(ways),
        codec=stored.CODEC,
        clock="wall",
        bucket=20 * MILLISECOND,
        followed={topics.PROFILES.name: msgspec.json.Decoder(Customer).decode},
        lasting=lasting,
    )
