"""Defects to be found: the judge is judged by them.

Each is a patch of the program that lives here only, and is what somebody could well write in good faith.
``tests/README.md`` says which are found, and how fast.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from typing import Any

from msgspec.structs import replace

from agents.calling import Caller
from agents.gateways.aliyun import AliyunGateway
from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, HOUR, SECOND
from streams.engine.incarnation import Incarnation
from streams.engine.memory_log import MemoryLog
from streams.engine.state import State
from streams.engine.table import Codec
from streams.engine.wheel import Wheel
from streams.operators import report_join, watch
from streams.operators.opt_out_table import OptOutTable
from streams.operators.order import Order
from streams.operators.report_join import Joining
from streams.operators.sending import arrival, due, first_look, hold, journal, receipts, settling
from streams.operators.sending.calls import QueryCall
from streams.operators.sending.gate import Gate
from streams.operators.watch import Shipment
from streams.policy import asking
from tests.simulation import (
    planted_channels,
    planted_detection,
    planted_gifts,
    planted_marketing,
    planted_rules,
    planted_storms,
    planted_vendors,
    planted_wishes,
)
from tests.simulation.plan import Own, Plan
from tests.simulation.planted_vendors import in_place_of

Planted = Callable[[ExitStack], None]
_META = b"\0offsets"


# The engine.


def commit_before_outputs(stack: ExitStack) -> None:
    """State and offset are committed, then the outputs are written."""
    whole = MemoryLog.commit

    async def commit(self: MemoryLog, outputs: Any, changes: Any, report: Any) -> None:
        outputs = list(outputs)
        await whole(self, [], changes, report)
        if outputs:
            await whole(self, outputs, [], None)

    in_place_of(stack, MemoryLog, "commit", commit)


def outputs_before_commit(stack: ExitStack) -> None:
    """The outputs are written, then state and offset are committed."""
    whole = MemoryLog.commit

    async def commit(self: MemoryLog, outputs: Any, changes: Any, report: Any) -> None:
        outputs = list(outputs)
        if outputs:
            await whole(self, outputs, [], None)
        await whole(self, [], changes, report)

    in_place_of(stack, MemoryLog, "commit", commit)


def offset_outside_the_transaction(stack: ExitStack) -> None:
    """The source offset is committed apart, every five seconds, as a consumer does by itself."""
    whole = MemoryLog.commit
    committed: dict[int, int] = {}

    async def commit(self: MemoryLog, outputs: Any, changes: Any, report: Any) -> None:
        changes = list(changes)
        await whole(self, outputs, [(key, value) for key, value in changes if key != _META], report)
        now = self._kafka.clock.now()
        if now >= committed.get(id(self), now) + 5 * SECOND:
            await whole(self, [], [(key, value) for key, value in changes if key == _META], None)
            committed[id(self)] = now
        committed.setdefault(id(self), now)

    in_place_of(stack, MemoryLog, "commit", commit)


def fence_skipped(stack: ExitStack) -> None:
    """A former owner can still write."""
    whole = MemoryLog.commit

    async def commit(self: MemoryLog, outputs: Any, changes: Any, report: Any) -> None:
        self._epoch = self._kafka._epochs[self._identity]
        await whole(self, outputs, changes, report)

    in_place_of(stack, MemoryLog, "commit", commit)


def wheel_not_rebuilt(stack: ExitStack) -> None:
    """What was restored has no deadline until something comes of it."""

    def arm_all(self: State[Any, Any], rules: Any) -> None:
        self.rules = rules
        self.wheel = Wheel(self._kind.bucket)

    in_place_of(stack, State, "arm_all", arm_all)


def call_before_its_journal_record(stack: ExitStack) -> None:
    """The calls of a turn begin before it is committed."""
    whole = Incarnation._commit

    async def commit(self: Any, turn: Any, came: Any, report: Any) -> None:
        calls, turn.calls = turn.calls, []
        self._calls.start(calls)
        await whole(self, turn, came, report)

    in_place_of(stack, Incarnation, "_commit", commit)


def detected_by_the_wall_clock(stack: ExitStack) -> None:
    """A stall is judged by the wall clock while there is a backlog to read."""

    async def judged_by(self: Any, _: Any) -> int:
        return int(self._clock.now())

    in_place_of(stack, Incarnation, "_judged_by", judged_by)


# What is detected.


def told_flag_not_durable(stack: ExitStack) -> None:
    """That a stall was told is forgotten with the worker."""
    whole = Codec.encode

    def encode(self: Codec[Any], entry: Any) -> bytes:
        if isinstance(entry, Shipment) and entry.told is not None:
            entry = copy(entry)
            entry.told = None
        return whole(self, entry)

    in_place_of(stack, Codec, "encode", encode)


def late_scan_moves_the_watch_back(stack: ExitStack) -> None:
    """The newest is what came last, not what occurred last."""
    whole = watch.after

    def after(known: Any, event: Any, stamp: Any, now: Any) -> Any:
        if known is not None and not known.ended_until:
            known = copy(known)
            known.at = 0
        return whole(known, event, stamp, now)

    in_place_of(stack, watch, "after", after)


def redelivery_judged_again(stack: ExitStack) -> None:
    """The ids of events are not remembered."""
    whole = Order.learn

    def learn(self: Order, event: Any, now: Any) -> None:
        whole(self, event, now)
        self.seen = ()

    in_place_of(stack, Order, "learn", learn)


# What is sent.


def slots_without_bound(stack: ExitStack) -> None:
    """A call begins whether or not there is a slot for it."""
    in_place_of(stack, Gate, "has_slot", lambda *_, **__: True)


def slot_taken_after_sending(stack: ExitStack) -> None:
    """``sending`` is written at once, and the call waits for its slot after that, whatever its ``call_by``."""
    whole = Caller.perform
    slots: dict[int, asyncio.Semaphore] = {}

    async def perform(self: Any, call: Any) -> Any:
        if isinstance(call, QueryCall):
            return await whole(self, call)
        async with slots.setdefault(id(self), asyncio.Semaphore(1)):
            request = replace(call.request, call_by=self._clock.now() + journal.CALL_WITHIN)
            return await whole(self, replace(call, request=request))

    slots_without_bound(stack)
    in_place_of(stack, Caller, "perform", perform)


def opt_out_read_once(stack: ExitStack) -> None:
    """A number that was free to write to once is so for ever."""
    whole = OptOutTable.stopped
    read: dict[tuple[int, str], bool] = {}

    def stopped(self: OptOutTable, number: str) -> bool:
        return read.setdefault((id(self), number), whole(self, number))

    in_place_of(stack, OptOutTable, "stopped", stopped)


def _answers(stack: ExitStack, instead: Callable[[SendResult], SendResult]) -> None:
    whole = AliyunGateway.send

    async def send(self: AliyunGateway, request: Any, hindrance: Any) -> SendResult:
        result = await whole(self, request, hindrance)
        return instead(result) if result.outcome == "unknown" else result

    in_place_of(stack, AliyunGateway, "send", send)


def unknown_taken_as_rejected(stack: ExitStack) -> None:
    """No answer is a no."""
    _answers(stack, lambda r: SendResult(outcome="rejected", error_class=ErrorClass.RETRY_LATER, code=r.code))


def unknown_taken_as_accepted(stack: ExitStack) -> None:
    """No answer is a yes."""
    _answers(stack, lambda _: SendResult(outcome="accepted"))


def settle_ignored_while_held(stack: ExitStack) -> None:
    """What is over is remembered for what comes later only."""
    whole = settling.settle_subject

    def settle_subject(desk: Any, subject: Any, before: Any, event_id: Any) -> None:
        notices, desk.box.notices = desk.box.notices, ()
        whole(desk, subject, before, event_id)
        desk.box.notices = notices

    in_place_of(stack, settling, "settle_subject", settle_subject)


def erasure_ignored(stack: ExitStack) -> None:
    """An erased customer's notices go on."""
    in_place_of(stack, settling, "erase", lambda _: None)


def window_judged_by_the_detection(stack: ExitStack) -> None:
    """Whether a notice may go now is judged by the clock of what is detected."""
    whole = hold.opening
    in_place_of(stack, hold, "opening", lambda notice, rules, at: whole(notice, rules, min(at, notice.detected_at)))


def report_before_acceptance_dropped(stack: ExitStack) -> None:
    """A report that overtakes the answer is of no attempt."""
    whole = arrival.report

    def report(desk: Any, heard: Any) -> None:
        notification = desk.box.notification(heard.notification_id)
        attempt = None if notification is None else notification.find(heard.attempt)
        if attempt is None or attempt.status == "accepted":
            whole(desk, heard)

    in_place_of(stack, arrival, "report", report)
    in_place_of(stack, report_join, "message", lambda _, owner, now: (Joining(until=now + DAY, owner=owner), ()))


def profile_wait_unbounded(stack: ExitStack) -> None:
    """A customer without a profile is waited for, for ever."""

    def wait(desk: Any, notice: Any) -> None:
        desk.change(notice, not_before=desk.now + DAY)

    in_place_of(stack, first_look, "_wait_for_profile", wait)
    in_place_of(stack, hold, "expires_at", lambda notice, rules: notice.detected_at + 1000 * DAY)


def nothing_expires(stack: ExitStack) -> None:
    """A notice is told however old it is."""
    in_place_of(stack, hold, "expires_at", lambda notice, rules: notice.detected_at + 5 * DAY)


def absence_counts_at_once(stack: ExitStack) -> None:
    """What the vendor does not know yet was not taken."""
    at_once = {provider: its._replace(absence_counts_from=0) for provider, its in asking.ASKING.items()}
    in_place_of(stack, asking, "ASKING", at_once)


def call_by_too_long(stack: ExitStack) -> None:
    """A call may begin long after its ``sending`` was written."""
    in_place_of(stack, journal, "CALL_WITHIN", HOUR)


def states_move_back(stack: ExitStack) -> None:
    """An attempt that was reported is kept as one that was not."""

    whole = journal.reported

    def reported(desk: Any, notification: Any, attempt: Any, status: Any, at: Any, reason: Any = None) -> Any:
        if status == "no_report":
            return whole(desk, notification, attempt, status, at, reason)
        receipts.write(desk, notification, attempt, status, at, reason)
        return notification

    in_place_of(stack, journal, "reported", reported)


def nothing_is_forgotten(stack: ExitStack) -> None:
    """Notifications that are over stay in the outbox."""
    in_place_of(stack, due, "_drop_finished", lambda _: None)


PLANTED: Mapping[str, Planted] = {
    defect.__name__: defect
    for defect in (
        commit_before_outputs,
        outputs_before_commit,
        offset_outside_the_transaction,
        fence_skipped,
        wheel_not_rebuilt,
        call_before_its_journal_record,
        detected_by_the_wall_clock,
        told_flag_not_durable,
        late_scan_moves_the_watch_back,
        redelivery_judged_again,
        slots_without_bound,
        slot_taken_after_sending,
        opt_out_read_once,
        unknown_taken_as_rejected,
        unknown_taken_as_accepted,
        settle_ignored_while_held,
        erasure_ignored,
        window_judged_by_the_detection,
        report_before_acceptance_dropped,
        profile_wait_unbounded,
        nothing_expires,
        absence_counts_at_once,
        call_by_too_long,
        states_move_back,
        nothing_is_forgotten,
        *planted_detection.DEFECTS,
        *planted_vendors.DEFECTS,
        *planted_rules.DEFECTS,
        *planted_storms.DEFECTS,
        *planted_gifts.DEFECTS,
        *planted_marketing.DEFECTS,
        *planted_wishes.DEFECTS,
        *planted_channels.DEFECTS,
    )
}
"""All of them, by their names."""
STORMY = frozenset(defect.__name__ for defect in (*planted_storms.DEFECTS, slots_without_bound))
"""Those that show only where a carrier's feed dies, or where as many are told at once as after that."""


def can_show(name: str, of: Plan) -> bool:
    """Whether a defect can show in a run at all: how rules are kept shows only where they ask for something."""
    if name in planted_rules.OF_REPEATS:
        return bool(of.rules.repeats)
    return name not in planted_rules.OF_CAPS or of.rules.daily_cap < Own().daily_cap


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The program with a defect in it."""
    with ExitStack() as stack:
        PLANTED[name](stack)
        yield
