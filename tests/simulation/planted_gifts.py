"""Defects of what goes with a notice, for ``planted``: tasks for humans and coupons."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from msgspec.structs import replace

from streams.operators.sending import arrival, gifts, outcome
from tests.simulation.planted_vendors import in_place_of

_GIVE = gifts.give


def a_coupon_for_each_notice(stack: ExitStack) -> None:
    """That a coupon was given is not remembered."""
    whole = gifts.remember
    in_place_of(stack, gifts, "remember", lambda desk, what, until: what == "coupon" or whole(desk, what, until))


def a_coupon_is_forgotten_with_its_customer(stack: ExitStack) -> None:
    """Whoever was erased and comes back is given another one."""
    whole = arrival.profile

    def profile(desk: Any, erased: bool) -> None:
        if erased:
            desk.box.done = ()
        whole(desk, erased)

    in_place_of(stack, arrival, "profile", profile)


def a_task_for_each_contact(stack: ExitStack) -> None:
    """A human is told of each of a customer's contacts."""
    whole = gifts.give

    def give(desk: Any, notice: Any, profile: Any) -> Any:
        notice = whole(desk, notice, profile)
        for contact in profile.contacts[1:]:
            with ExitStack() as meanwhile:
                in_place_of(meanwhile, gifts, "_id", partial(_id_of_a_contact, gifts._id, contact.contact_id))
                whole(desk, notice, replace(profile, tier="vip" if profile.tier == "vip" else "regular"))
        return notice

    in_place_of(stack, gifts, "give", give)


def _id_of_a_contact(whole: Any, contact_id: str, what: str, source: str) -> Any:
    return whole(what, f"{source} {contact_id}")


def what_is_settled_in_the_hold_has_a_task(stack: ExitStack) -> None:
    """Tasks and coupons come with the notice and not with its first step."""
    in_place_of(stack, gifts, "give", lambda desk, notice, profile: notice)
    notify = arrival.notify

    def at_once(desk: Any, command: Any) -> None:
        notify(desk, command)
        notice = desk.box.notice(command.command_id)
        profile = desk.profile()
        if notice is not None and profile is not None:
            _GIVE(desk, notice, profile)

    in_place_of(stack, arrival, "notify", at_once)


def a_coupon_only_for_who_was_told(stack: ExitStack) -> None:
    """Without an accepted message there is no coupon and no task."""
    in_place_of(stack, gifts, "give", lambda desk, notice, profile: notice)
    whole = outcome.sent

    def sent(desk: Any, notification: Any, *more: Any) -> Any:
        profile = desk.profile()
        for notice in desk.box.notices:
            if notice.command_id in notification.command_ids and not notice.decided and profile is not None:
                _GIVE(desk, notice, profile)
        return whole(desk, notification, *more)

    in_place_of(stack, outcome, "sent", sent)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    a_coupon_for_each_notice,
    a_coupon_is_forgotten_with_its_customer,
    a_task_for_each_contact,
    what_is_settled_in_the_hold_has_a_task,
    a_coupon_only_for_who_was_told,
)
