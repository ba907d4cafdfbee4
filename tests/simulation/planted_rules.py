"""Defects of what the rules ask for: caps, repeats in doubt; and of what is asked about reports. For ``planted``."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from msgspec.structs import replace

from schemas.times import SECOND
from streams.operators.sending import counted, doubt, journal, receipts, results
from tests.simulation.planted_vendors import in_place_of


def what_is_on_its_way_counts_for_no_cap(stack: ExitStack) -> None:
    """A message counts from its acceptance on."""
    whole = counted.reserve

    def reserve(desk: Any, notification: Any, attempt: Any) -> None:
        if notification.find(attempt.attempt).status == "accepted":
            whole(desk, notification, attempt)

    in_place_of(stack, counted, "reserve", reserve)


def what_was_refused_counts_for_the_cap(stack: ExitStack) -> None:
    """A message counts whatever its provider says."""
    in_place_of(stack, counted, "release", lambda *_: None)


def the_cap_is_for_all_kinds(stack: ExitStack) -> None:
    """A contact that has had enough of one kind hears of no other."""
    whole = counted.capped

    def capped(desk: Any, contact_id: Any, kind: Any) -> bool:
        return any(whole(desk, contact_id, other) for other in (kind, *(s.kind for s in desk.box.submitted)))

    in_place_of(stack, counted, "capped", capped)


def a_repeat_is_repeated(stack: ExitStack) -> None:
    """What was repeated in doubt, and is in doubt, is repeated."""
    whole = doubt._repeats
    in_place_of(stack, doubt, "_repeats", lambda desk, of: whole(desk, replace(of, doubted=0)))


def every_kind_is_repeated(stack: ExitStack) -> None:
    """That one kind is repeated in doubt goes for all."""

    def repeats(desk: Any, notification: Any) -> bool:
        wanted = any(kind.repeat_in_doubt for kind in desk.rules.kinds.values())
        return wanted and not notification.doubted and notification.verdict is None and not notification.halted

    in_place_of(stack, doubt, "_repeats", repeats)


def it_is_repeated_at_once(stack: ExitStack) -> None:
    """Nobody is asked for long what became of a message."""
    in_place_of(stack, doubt, "_give_up_at", lambda desk, of, attempt: attempt.started_at + 12 * SECOND)
    in_place_of(stack, doubt, "_LAST_QUESTION", 0)


def a_repeat_is_not_recorded(stack: ExitStack) -> None:
    """The receipts of what was repeated look like all others."""
    whole = receipts.write

    def write(desk: Any, notification: Any, *more: Any) -> None:
        whole(desk, replace(notification, doubted=0), *more)

    in_place_of(stack, receipts, "write", write)


def an_answer_reports_what_was_reported(stack: ExitStack) -> None:
    """What a question brings is written down, and the attempt kept as it was."""

    def found(desk: Any, notification: Any, attempt: Any, call: Any, result: Any) -> None:
        notification, attempt = journal.taken(desk, notification, attempt, desk.now, result.message_id)
        if result.found == "delivered":
            receipts.write(desk, notification, attempt, "delivered", desk.now)

    in_place_of(stack, results, "_found", found)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    what_is_on_its_way_counts_for_no_cap,
    what_was_refused_counts_for_the_cap,
    the_cap_is_for_all_kinds,
    a_repeat_is_repeated,
    every_kind_is_repeated,
    it_is_repeated_at_once,
    a_repeat_is_not_recorded,
    an_answer_reports_what_was_reported,
)
OF_CAPS = frozenset(
    defect.__name__
    for defect in (
        what_is_on_its_way_counts_for_no_cap,
        what_was_refused_counts_for_the_cap,
        the_cap_is_for_all_kinds,
    )
)
"""Those that show only where caps are low."""
OF_REPEATS = frozenset(
    defect.__name__
    for defect in (
        a_repeat_is_repeated,
        every_kind_is_repeated,
        a_repeat_is_not_recorded,
    )
)
"""Those that show only where something is repeated in doubt."""
