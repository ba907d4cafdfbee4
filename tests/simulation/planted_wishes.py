"""Defects of what customers asked for, for ``planted``."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from msgspec.structs import replace

from streams.operators.sending import addresses, journal, outcome, plan, recipient
from streams.operators.sending.desk import Desk
from streams.policy import contacts, quiet
from tests.simulation.planted_vendors import in_place_of


def quiet_hours_are_ignored(stack: ExitStack) -> None:
    """Everything goes when it can."""
    in_place_of(stack, quiet, "ends_at", lambda _, now: now)


def quiet_hours_are_the_shop_s(stack: ExitStack) -> None:
    """A customer's hours are read by the shop's clock."""
    whole = quiet._loud

    in_place_of(stack, quiet, "_loud", lambda begin, end, _: whole(begin, end, "Asia/Shanghai"))


def what_is_urgent_waits_for_the_morning(stack: ExitStack) -> None:
    """Nothing goes silently in quiet hours."""
    in_place_of(stack, plan, "silently", lambda *_: None)


def what_lies_in_the_inbox_is_enough(stack: ExitStack) -> None:
    """What went silently at night is a step of the plan, and arrived."""
    whole = journal.put_in_inbox

    def put(desk: Any, notification: Any, to: Any, text: Any) -> None:
        whole(desk, notification, to, text)
        for notice in desk.box.notices:
            for other in desk.box.of(notice) if notice.command_id in notification.command_ids else ():
                outcome.halt(desk, other, notice, plan.REACHED)

    in_place_of(stack, journal, "put_in_inbox", put)


def each_contact_has_an_inbox(stack: ExitStack) -> None:
    """The inbox is looked at as a contact's and not as the customer's."""
    whole = recipient.of

    def of(desk: Any, notice: Any, notification: Any, profile: Any) -> Any:
        if notification.channel != "inbox":
            return whole(desk, notice, notification, profile)
        return recipient._contact(desk, notice, notification, profile)

    in_place_of(stack, recipient, "of", of)


def any_channel_is_wanted(stack: ExitStack) -> None:
    """A customer hears by whatever there is."""
    in_place_of(stack, contacts, "takes", lambda *_: True)


def nothing_is_muted(stack: ExitStack) -> None:
    """A customer hears of everything."""
    in_place_of(stack, contacts, "mutes", lambda *_: False)


def who_has_an_old_number_is_asked_each_time(stack: ExitStack) -> None:
    """That a customer was asked to look through its data is not remembered."""
    whole = addresses.ask_to_confirm

    def ask(desk: Any, notice: Any, profile: Any) -> None:
        before = desk.box.done
        whole(desk, notice, profile)
        desk.box.done = before

    in_place_of(stack, addresses, "ask_to_confirm", ask)


def wishes_are_read_once(stack: ExitStack) -> None:
    """What a customer asked for is what it asked for at first."""
    whole = Desk.profile
    first: dict[str, Any] = {}

    def profile(self: Desk) -> Any:
        found = whole(self)
        if found is None:
            return None
        return replace(found, preferences=first.setdefault(self.customer_id, found.preferences))

    in_place_of(stack, Desk, "profile", profile)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    quiet_hours_are_ignored,
    quiet_hours_are_the_shop_s,
    what_is_urgent_waits_for_the_morning,
    what_lies_in_the_inbox_is_enough,
    each_contact_has_an_inbox,
    any_channel_is_wanted,
    nothing_is_muted,
    who_has_an_old_number_is_asked_each_time,
    wishes_are_read_once,
)
