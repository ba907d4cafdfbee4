"""Defects of what consignors are told, and of good news: see ``planted``."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgspec

from agents import orders, shipments
from streams.operators import consignors, resumed
from streams.operators.consignors import Concerned
from streams.operators.repeats import Subject
from streams.operators.sending import first_look
from streams.policy.good_news import TROUBLE
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


def goods_that_were_back_are_back_again(stack: ExitStack) -> None:
    """Whatever says that goods are there is good news, once they were short."""
    in_place_of(stack, Subject, "ends", lambda self, _: self.let_through is not None)


def a_delay_report_is_a_movement(stack: ExitStack) -> None:
    """Any word of a carrier's says that its parcel moves again."""
    in_place_of(stack, resumed, "ShipmentScanned", object)


def good_news_is_never_taken_back(stack: ExitStack) -> None:
    """What is true no longer is not settled."""
    write, settle = orders._write, shipments._settle

    def of_order(turn: Any, over: Any, now: Any) -> None:
        if over.kind not in TROUBLE:
            write(turn, over, now)

    def of_parcel(turn: Any, record: Any, event: Any, kind: Any, *more: Any) -> None:
        if kind not in TROUBLE:
            settle(turn, record, event, kind, *more)

    in_place_of(stack, orders, "_write", of_order)
    in_place_of(stack, shipments, "_settle", of_parcel)


def good_news_is_for_everybody(stack: ExitStack) -> None:
    """It is told whether or not the trouble was."""
    in_place_of(stack, first_look, "trouble_of", lambda *_: None)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    a_consignor_is_told_all_that_the_event_says,
    a_consignor_hears_the_merchant_s_words,
    one_window_for_everybody,
    only_the_buyer_s_notices_are_settled,
    goods_that_were_back_are_back_again,
    a_delay_report_is_a_movement,
    good_news_is_never_taken_back,
    good_news_is_for_everybody,
)
