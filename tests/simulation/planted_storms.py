"""Defects of the storm guard, for ``planted``. They show only where a carrier's feed dies."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from streams.operators.sending import hold, storm
from streams.policy import surge
from tests.simulation.planted_vendors import in_place_of


def a_dead_feed_is_no_storm(stack: ExitStack) -> None:
    """However many fall silent at once, all are told."""
    whole = surge.arrived
    in_place_of(stack, surge, "arrived", lambda *of, may_begin: whole(*of, may_begin=False))


def a_feed_that_is_back_is_not_heard(stack: ExitStack) -> None:
    """What updates settle says nothing of the feed."""
    in_place_of(stack, surge, "settled", lambda of, now: of)


def tell_is_not_heard(stack: ExitStack) -> None:
    """An operator says that what is held is to be told, and it stays held."""
    in_place_of(stack, surge, "answered", lambda of, word, now: of)
    _look_no_sooner(stack)


def drop_is_not_heard(stack: ExitStack) -> None:
    """An operator says that what is held is to be dropped, and it stays held."""
    whole = surge.answered
    in_place_of(stack, surge, "answered", lambda of, word, now: whole(of, None if word == "drop" else word, now))
    in_place_of(stack, storm, "_dropped", lambda desk, of: False)
    _look_no_sooner(stack)


def what_is_held_is_dropped(stack: ExitStack) -> None:
    """A storm ends what comes of it, whether or not somebody said so."""
    in_place_of(stack, storm, "_dropped", lambda desk, of: True)


def what_is_held_is_forgotten(stack: ExitStack) -> None:
    """A notice that a storm holds leaves the outbox."""
    whole = storm.passed

    def passed(desk: Any, notice: Any) -> Any:
        free = whole(desk, notice)
        if free is None:
            desk.box.notices = tuple(n for n in desk.box.notices if n.command_id != notice.command_id)
        return free

    in_place_of(stack, storm, "passed", passed)


def _look_no_sooner(stack: ExitStack) -> None:
    """What is looked at since there is a word, and stays held all the same, would be looked at again for ever."""
    in_place_of(stack, hold, "_not_before", lambda notice, rules: notice.not_before)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    a_dead_feed_is_no_storm,
    a_feed_that_is_back_is_not_heard,
    tell_is_not_heard,
    drop_is_not_heard,
    what_is_held_is_dropped,
    what_is_held_is_forgotten,
)
