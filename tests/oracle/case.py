"""An exception that was asked to be told, with all that bears on it: what the sender is judged by."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.times import MINUTE, Micros
from tests.oracle.calm import Calm
from tests.oracle.evidence import Attempt
from tests.oracle.outputs import Decided, Notice
from tests.oracle.terms import KindTerms

Opening = Callable[[Micros], Micros]
"""The first moment from another on at which something may go."""


@dataclass(slots=True)
class Sent:
    """An attempt of a case: the ``number``-th of its notification, which told of all cases ``together``."""

    attempt: Attempt
    notification_id: str
    number: int
    together: list["Case"]


@dataclass(slots=True)
class Case:
    """``settles``: when something that may end it was published, and whether it surely does. ``held_until``: how long a
    storm may have held it. ``unbegun``: the channels on which an attempt came to be in doubt without a call."""

    notice: Notice
    settles: list[tuple[Micros, bool]]
    decided: Decided | None
    rules: KindTerms
    sent: list[Sent] = field(default_factory=list)
    held_until: Micros = 0
    unbegun: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """The command's."""
        return self.notice.command.command_id

    @property
    def kind(self) -> str:
        """The command's."""
        return self.notice.command.kind

    @property
    def customer_id(self) -> str:
        """The command's."""
        return self.notice.command.customer_id

    @property
    def expires_at(self) -> Micros:
        """When it is too old to be told."""
        since = self.notice.detected if self.kind == "shipment_stalled" else self.notice.occurred
        return since + self.rules.expire_after

    @property
    def may_go_at(self) -> Micros:
        """Before this it is held, whatever happens."""
        return min(self.notice.detected + self.rules.merge_hold, self.notice.notify_by - MINUTE)

    @property
    def may_ride_at(self) -> Micros:
        """Before this it rides in no other's message either."""
        return min(self.notice.detected + self.rules.patience, self.may_go_at)

    @property
    def leaves_hold_at(self) -> Micros:
        """When it is looked at while all is well."""
        held = max(self.notice.detected, self.notice.at) + self.rules.merge_hold
        return max(held, self.held_until)

    @property
    def goes_at(self) -> Micros:
        """When it goes while all is well, if nobody sleeps."""
        return self.rules.opening(self.leaves_hold_at)

    def ended_surely_by(self) -> Micros | None:
        """When something that surely ends it was first published."""
        return min((at for at, surely in self.settles if surely), default=None)

    def deadline(self, calm: Calm, start: Micros, allowed: Micros, opening: Opening | None = None) -> Micros:
        """By when that is done which could begin at ``start``, may take ``allowed`` in calm, and goes from an
        ``opening`` on: in the window of its kind, if nothing else is said."""
        opening = opening or self.rules.opening
        by = calm.deadline(start, allowed)
        while (opens := opening(by)) != by:
            by = calm.deadline(opens, allowed)
        return by
