"""Whatever the order in which an order's events come, and however often, the same remains to be told.

Which of several repeats is the one that is told depends on which comes first; so does how far a window reaches. What
does not: without windows every exception that is not settled is told, and with them every subject that has one.
"""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from agents import orders
from schemas.times import MINUTE, Micros
from streams.operators.order import Order
from streams.policy.rules import Rules
from tests.driver import START, Driver
from tests.events import event, published
from tests.unit.rules import RULES, rules_with

TOLD = {
    "payment.failed": "payment_failed",
    "stock.shortage": "stock_shortage",
    "address.undeliverable": "address_undeliverable",
}
SETTLES = {
    "order.paid": "payment_failed",
    "stock.replenished": "stock_shortage",
    "address.corrected": "address_undeliverable",
}
NO_WINDOWS = rules_with("".join(f'[kinds.{kind}]\nrepeat_window = "0s"\n' for kind in TOLD.values()))


class Said(NamedTuple):
    """One event of the order. ``sku`` is that of a shortage, or of its end."""

    kind: str
    event_id: str
    at: Micros
    sku: str
    by: str

    @property
    def subject(self) -> str:
        """The subject that it is an exception of, or settles."""
        kind = (TOLD | SETTLES)[self.kind]
        return f"A1:{kind}:{self.sku}" if kind == "stock_shortage" else f"A1:{kind}"

    @property
    def event(self) -> dict[str, Any]:
        fields = {"sku": self.sku} if self.kind.startswith("stock.") else {}
        fields |= {"cancelled_by": self.by} if self.kind == "order.cancelled" else {}
        return event(self.kind, at=self.at, event_id=self.event_id) | fields

    @property
    def closes(self) -> bool:
        return self.kind in {"order.completed", "order.cancelled"}


def histories(*kinds: str) -> st.SearchStrategy[list[Said]]:
    one = st.builds(
        Said,
        kind=st.sampled_from(kinds),
        event_id=st.sampled_from("abcdefghij"),
        at=st.integers(0, 12).map(lambda quarters: START - quarters * 15 * MINUTE),
        sku=st.sampled_from(("S1", "S2")),
        by=st.sampled_from(("merchant", "customer")),
    )
    return st.lists(one, min_size=1, max_size=10, unique_by=lambda said: said.event_id)


ALL_OF_AN_ORDER = histories("order.placed", "order.cancelled", "order.completed", *TOLD, *SETTLES)
WITHOUT_AN_END = histories("order.placed", *TOLD, *SETTLES)
EXCEPTIONS_ALONE = histories(*TOLD)


class Written:
    """What is written of a history when its events come in some order, some again and again."""

    def __init__(self, data: st.DataObject, history: list[Said], rules: Rules) -> None:
        self.driver: Driver[Order] = Driver(orders.kind(), rules, now=START)
        coming = data.draw(st.permutations(history))
        for said in data.draw(st.lists(st.sampled_from(history), max_size=6)):
            coming.insert(data.draw(st.integers(coming.index(said) + 1, len(coming))), said)
        for said in coming:
            self.driver.feed(published(said.event))
            self.driver.advance(MINUTE)
        self.commands = self.driver.take("notification-commands")
        self.decisions = self.driver.take("notification-decisions")

    @property
    def pending(self) -> list[Any]:
        """The commands to tell that no command settles, as the sender reads them. (Their times are all written
        alike, so they compare as text.)"""
        closings = {command["event_id"] for command in self.commands if command["kind"] == "*"}
        settles = [command for command in self.commands if command["action"] == "settle" and command["kind"] != "*"]
        return [
            told
            for told in self.commands
            if told["action"] == "notify"
            and told["kind"] != "stock_replenished"
            and not closings - {told["event_id"]}
            and not any(
                over["subject"] == told["subject"] and over["settles_before"] >= told["occurred_at"] for over in settles
            )
        ]


def unsettled(history: list[Said]) -> list[Said]:
    """The exceptions that nothing in the history settles."""
    return [
        said
        for said in history
        if said.kind in TOLD
        and not any(over.kind in SETTLES and over.subject == said.subject and over.at >= said.at for over in history)
    ]


@given(st.data(), ALL_OF_AN_ORDER)
def test_without_windows_all_that_is_not_settled_is_pending(data: st.DataObject, history: list[Said]) -> None:
    pending = Written(data, history, NO_WINDOWS).pending
    closings = [said for said in history if said.closes]
    if not closings:
        assert {told["event_id"] for told in pending} == {said.event_id for said in unsettled(history)}
    elif all(said.kind == "order.cancelled" and said.by == "merchant" for said in closings):
        [told] = pending
        assert told["event_id"] in {said.event_id for said in closings}
    else:
        assert pending == []


@given(st.data(), ALL_OF_AN_ORDER)
def test_every_exception_ends_in_one_command_or_one_decision(data: st.DataObject, history: list[Said]) -> None:
    written = Written(data, history, RULES)
    told = [one for one in written.commands if one["action"] == "notify" and one["kind"] != "stock_replenished"]
    ended = [one["event_id"] for one in told]
    ended += [one["event_id"] for one in written.decisions]
    exceptions = [
        said for said in history if said.kind in TOLD or (said.kind == "order.cancelled" and said.by == "merchant")
    ]
    assert sorted(ended) == sorted(said.event_id for said in exceptions)


@given(st.data(), EXCEPTIONS_ALONE)
def test_with_windows_every_subject_is_told(data: st.DataObject, history: list[Said]) -> None:
    pending = Written(data, history, RULES).pending
    assert {told["subject"] for told in pending} == {said.subject for said in history}


@given(st.data(), WITHOUT_AN_END)
def test_what_is_settled_is_not_pending_and_repeats_are_not_told(data: st.DataObject, history: list[Said]) -> None:
    written = Written(data, history, RULES)
    assert {told["event_id"] for told in written.pending} <= {said.event_id for said in unsettled(history)}
    settled = {one["event_id"] for one in written.decisions if one["outcome"] == "settled"}
    assert not settled & {said.event_id for said in unsettled(history)}


@given(st.data(), ALL_OF_AN_ORDER)
def test_what_is_known_of_the_order_in_the_end_is_the_same(data: st.DataObject, history: list[Said]) -> None:
    entries = [Written(data, history, NO_WINDOWS).driver.entries.get(b"A1") for _ in range(2)]
    known = [entry and (sorted(entry.seen), entry.placed, entry.paid, entry.closed) for entry in entries]
    assert known[0] == known[1]
