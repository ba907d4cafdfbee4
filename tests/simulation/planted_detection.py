"""Defects of what is detected for others than the buyer of an order: see ``planted``."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgspec

from agents import orders
from streams.operators import consignors
from streams.operators.consignors import Concerned
from streams.operators.repeats import Subject
from tests.simulation.planted_vendors import in_place_of


def a_consignor_is_told_all_that_the_event_says(stack: ExitStack) -> None:
    """Nobody picks what a consignor may know."""
    whole = consignors.concerned

    def concerned(event: Any, order: Any) -> Iterator[Concerned]:
        said = {name: value for name, value in msgspec.to_builtins(event).items() if value is not None}
        for consignor_id, _ in whole(event, order):
            yield Concerned(consignor_id, said)

    in_place_of(stack, consignors, "concerned", concerned)


def a_consignor_hears_the_merchant_s_words(stack: ExitStack) -> None:
    """Why an order was cancelled is told as the merchant put it."""
    in_place_of(stack, consignors, "cancellation_word", lambda reason, **_: reason)


def one_window_for_everybody(stack: ExitStack) -> None:
    """What the buyer was told is a repeat for the consignor."""
    in_place_of(stack, Subject, "let_through_to", lambda self, _: self.let_through)


def only_the_buyer_s_notices_are_settled(stack: ExitStack) -> None:
    """No settle is written for a consignor."""
    whole = orders._write

    def write(turn: Any, over: Any, now: Any) -> None:
        if over.audience == "buyer":
            whole(turn, over, now)

    in_place_of(stack, orders, "_write", write)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    a_consignor_is_told_all_that_the_event_says,
    a_consignor_hears_the_merchant_s_words,
    one_window_for_everybody,
    only_the_buyer_s_notices_are_settled,
)
