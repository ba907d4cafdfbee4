"""What becomes of a vendor's push: the records that must be durable before it is answered.

Each element is stored as it came, read or not; the agent ``receipts`` takes it from there. Only what tells nothing of
any message is not kept: what followers write to a shop is none of our business. One thing can't wait for
that agent, which may just then be moving to another worker: a stop has to hold two seconds after the answer, so its
record of the opt-out ledger is made here and is part of the same answer.

A stop that this worker's ledger already holds, or that a later word has overtaken, is not written again. Vendors push
again what they pushed before, and compaction keeps the record that was written last: an old stop written after a lift
would be all that is left, and undo the lift for whoever reads the topic after that.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from agents.gateways.pushed import Format
from schemas.callbacks import Callback, What
from schemas.calls import ErrorClass
from schemas.opt_outs import OptOut, Scope
from schemas.times import Micros, instant
from streams import topics
from streams.engine.turn import Output
from streams.errors import Invalid
from streams.policy.opt_outs import Hasher, ledger_key, stop_word


def unread(provider: str) -> str:
    """The key of an element that can't be read."""
    return f"{provider}:unread"


class Known(Protocol):
    """What this worker has read of the opt-out ledger."""

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        """Whether a stop of that moment would change nothing, since it is known, or a later word is."""
        ...


class Stop(NamedTuple):
    """The owner of the number named ``number_key`` said stop."""

    number_key: str
    scope: Scope
    at: Micros


class Intake:
    """Turns the elements of what a vendor pushed into records."""

    def __init__(self, hasher: Hasher, known: Known) -> None:
        self._hasher = hasher
        self._known = known

    def take(self, pushed: Format, what: What, elements: Sequence[bytes], received_at: Micros) -> list[Output]:
        """A record of ``provider-callbacks`` for each, and one of ``opt-outs`` for each stop that is news."""
        provider, packing = pushed.provider, pushed.pushes[what].packing
        read = self._report if what == "receipt" else self._reply
        outputs = []
        for element in elements:
            try:
                key, stop = read(pushed, element, received_at)
            except Invalid:
                key, stop = unread(provider), None
            if key is None:
                continue
            stored = packing.stored(element)
            callback = Callback(provider=provider, what=what, element=stored, received_at=instant(received_at))
            outputs.append(_output(topics.PROVIDER_CALLBACKS.name, key, callback))
            if stop is not None and not self._known.holds(*stop):
                opt_out = OptOut(scope=stop.scope, stopped=True, at=instant(stop.at), source=what, provider=provider)
                outputs.append(_output(topics.OPT_OUTS.name, ledger_key(stop.number_key, stop.scope), opt_out))
        return outputs

    def _report(self, pushed: Format, element: bytes, received_at: Micros) -> tuple[str | None, Stop | None]:
        report = pushed.report(element)
        if report is None:
            return None, None
        if report.number is None or report.error_class is not ErrorClass.OPTED_OUT:
            return report.key, None
        return report.key, Stop(self._hasher(report.number), "all", _said_at(report.reported_at, received_at))

    def _reply(self, pushed: Format, element: bytes, received_at: Micros) -> tuple[str | None, Stop | None]:
        reply = pushed.reply(element)
        number_key, scope = self._hasher(reply.number), stop_word(reply.content)
        if scope is None:
            return number_key, None
        return number_key, Stop(number_key, scope, _said_at(reply.at, received_at))


def _said_at(at: Micros | None, received_at: Micros) -> Micros:
    """The vendor's time; where there is none, or it lies ahead and would overrule every lift until then, ours."""
    return received_at if at is None else min(at, received_at)


def _output(topic: str, key: str, record: msgspec.Struct) -> Output:
    return Output(topic, key.encode(), msgspec.json.encode(record))
