"""Defects of plans, and of what goes by push and WeChat, for ``planted``."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from msgspec.structs import replace

from agents.gateways import jpush_callbacks
from agents.gateways.jpush import AGAIN_WITHIN, JPushGateway
from schemas.calls import PushRequest, SendResult
from streams.operators.sending import doubt, journal, look, plan
from tests.simulation.planted_vendors import in_place_of


def _in_doubt_it_goes_again(stack: ExitStack, provider: str) -> None:
    whole = doubt.begins

    def begins(desk: Any, notification: Any, attempt: Any, reason: Any) -> None:
        if attempt.provider == provider:
            journal.not_begun(desk, notification, attempt)
        else:
            whole(desk, notification, attempt, reason)

    in_place_of(stack, doubt, "begins", begins)


def a_push_that_was_under_way_goes_again(stack: ExitStack) -> None:
    """What became of a push before the worker died nobody knows, so it goes again."""
    _in_doubt_it_goes_again(stack, "jpush")


def the_second_post_is_another_push(stack: ExitStack) -> None:
    """Where no answer came a push is posted again with an id of its own."""
    whole = JPushGateway.send

    async def send(self: JPushGateway, request: PushRequest, hindrance: Any) -> SendResult:
        first = await whole(self, request, hindrance)
        later = replace(request, call_by=request.call_by + AGAIN_WITHIN)
        return await whole(self, later, hindrance) if first.outcome == "unknown" else first

    in_place_of(stack, JPushGateway, "send", send)


def one_dead_device_is_all(stack: ExitStack) -> None:
    """Of several devices the first that is not reached decides."""
    whole = jpush_callbacks._params
    in_place_of(stack, jpush_callbacks, "_params", lambda read: whole(read) | {"devices": "1"})


def a_push_rings_at_night(stack: ExitStack) -> None:
    """Only text messages wait for the end of quiet hours."""
    in_place_of(stack, look, "LOUD", frozenset({"sms"}))


def a_plan_never_takes_its_next_step(stack: ExitStack) -> None:
    """What is told by its first step is told."""
    whole = plan.begin

    def begin(desk: Any, notice: Any, profile: Any) -> None:
        whole(desk, notice, profile)
        planned = desk.box.notice(notice.command_id)
        if planned is not None:
            desk.change(planned, plans=())

    in_place_of(stack, plan, "begin", begin)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    a_push_that_was_under_way_goes_again,
    the_second_post_is_another_push,
    one_dead_device_is_all,
    a_push_rings_at_night,
    a_plan_never_takes_its_next_step,
)
