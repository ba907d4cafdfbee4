"""One customer's outbox in one turn: what may be known there, and what may be written."""

from dataclasses import dataclass
from typing import Any

import msgspec

from schemas.customers import Customer
from schemas.outputs import Decision, Outcome, Reason
from schemas.times import Micros, instant
from streams import topics
from streams.engine.turn import Turn
from streams.operators.ports import OptOuts, Progress
from streams.operators.sending import gate, nameless, retries
from streams.operators.sending.gate import Gate
from streams.operators.sending.line import InLine
from streams.operators.sending.outbox import NO_REMARKS, REPLAYED, Decided, Notice, Outbox, Remarks
from streams.operators.sending.queue import Queue
from streams.operators.sending.retries import Retries
from streams.operators.sending.share import Share
from streams.operators.sending.spend import Spent
from streams.policy.opt_outs import Hasher
from streams.policy.rules import Rules
from streams.policy.surge import Surge
from streams.policy.verdict import Verdict

State = Outbox | Retries | Gate | Share | Surge | Queue | Spent
"""An entry of the sender's table."""

_NOT_TOLD = frozenset({Outcome.FAILED, Outcome.EXPIRED})
_OF_THE_CUSTOMER = frozenset({Reason.NO_CONTACT, Reason.BAD_NUMBER})
"""Why nobody can be told where it is the customer's data that lacks: there is always some of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What the sender works with: the ports, the providers that have a gateway, how many calls a task may have
    under way at once at each of them, how many tasks share a provider's rate, and how the opt-out ledger names a
    number."""

    opt_outs: OptOuts
    progress: Progress
    providers: tuple[str, ...]
    slots: int
    tasks: int
    hasher: Hasher


class Desk:
    """Changes go to ``box``, the gates and the turn's outputs; ``close`` puts them into the turn's state.

    ``standing``: the notifications that stand in line, by their ids.
    """

    def __init__(self, turn: Turn[State, Rules], customer_id: str, ways: Ways) -> None:
        self.turn = turn
        self.customer_id = customer_id
        self.ways = ways
        self.rules = turn.rules
        self.now: Micros = turn.wall
        self._key = customer_id.encode()
        self._found_at = self._key
        found = turn.own(self._key)
        if found is None:
            self._found_at = nameless.key(ways.hasher, customer_id)
            found = turn.own(self._found_at)
        self.box: Outbox = found if isinstance(found, Outbox) else Outbox()
        self._new = found is None
        self._former = msgspec.structs.astuple(self.box)
        self.standing: dict[str, InLine] = {}

    def profile(self) -> Customer | None:
        """The customer's profile as it is now."""
        profile: Customer | None = self.turn.followed(topics.PROFILES.name).get(self._key)
        return profile

    @property
    def retries(self) -> Retries:
        """The task's budget of retries."""
        found = self.turn.get(retries.KEY)
        return found if isinstance(found, Retries) else Retries()

    @retries.setter
    def retries(self, changed: Retries) -> None:
        self.turn.put(retries.KEY, changed)

    def gate(self, provider: str) -> Gate:
        """The gate to a provider."""
        found = self.turn.get(gate.key(provider))
        return found if isinstance(found, Gate) else Gate()

    def keep_gate(self, provider: str, changed: Gate) -> None:
        """Puts a changed gate in the place of the former one."""
        self.turn.put(gate.key(provider), changed)

    def decide(
        self,
        notice: Notice,
        verdict: Verdict,
        notification_id: str | None = None,
        remarks: Remarks = NO_REMARKS,
    ) -> None:
        """Writes the one outcome of a command. Of a coupon it says something only where one was given with the
        notice."""
        told = None if notice.coupon is None else remarks.coupon
        decision = Decision(
            command_id=notice.command_id,
            event_id=notice.event_id,
            kind=notice.kind,
            order_id=notice.order_id,
            customer_id=self.customer_id,
            audience=notice.audience,
            outcome=verdict.outcome,
            reason=verdict.reason,
            notification_id=notification_id,
            coupon=told,
            packed=remarks.packed,
            rules=self.rules.hash,
            decided_at=instant(self.now),
        )
        self.turn.emit(topics.DECISIONS.name, self.customer_id, decision)
        self.turn.count("decisions", verdict.outcome, verdict.reason)
        if told is not None:
            self.turn.count("coupons_told", told)
        if verdict.outcome in _NOT_TOLD and verdict.reason not in _OF_THE_CUSTOMER:
            self.turn.warn("notice_failed", kind=notice.kind, reason=verdict.reason, command_id=notice.command_id)
        self.box.decided = (*self.box.decided, Decided(notice.command_id, self.now + REPLAYED))

    def change(self, notice: Notice, **to: Any) -> Notice:
        """Puts a changed notice in the place of ``notice``."""
        changed = msgspec.structs.replace(notice, **to)
        self.box.keep(changed)
        return changed

    def close(self) -> None:
        """Puts the outbox into the turn's state where it has changed, or ends its entry where nothing is left."""
        if msgspec.structs.astuple(self.box) == self._former:
            return
        kept_at = None if self.box.empty else self._keeps_at()
        if not self._new and kept_at != self._found_at:
            self.turn.delete(self._found_at)
        if kept_at is not None:
            self.turn.put(kept_at, self.box)

    def _keeps_at(self) -> bytes:
        return nameless.key(self.ways.hasher, self.customer_id) if nameless.fits(self.box) else self._key
