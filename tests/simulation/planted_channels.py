"""Defects of plans, and of what goes by push, WeChat and mail, for ``planted``."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from msgspec.structs import replace

from agents.gateways import jpush, jpush_callbacks, jpush_message, smtp
from agents.gateways.jpush import AGAIN_WITHIN, JPushGateway
from agents.gateways.smtp import SmtpGateway
from schemas.calls import ErrorClass, PushRequest, SendResult
from streams.operators import consignors
from streams.operators.consignors import Concerned
from streams.operators.sending import doubt, journal, look, plan
from tests.simulation.planted_vendors import answers, in_place_of


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


def a_mail_in_doubt_is_handed_in_again(stack: ExitStack) -> None:
    """A mail of which nobody knows is better sent twice than not at all."""
    _in_doubt_it_goes_again(stack, "smtp")


def no_reply_to_a_mail_is_a_yes(stack: ExitStack) -> None:
    """What was written was taken."""
    yes = SendResult(outcome="accepted")
    answers(stack, SmtpGateway, lambda result: yes if result.outcome == "unknown" else result)


def a_mailbox_that_is_none_is_tried_again(stack: ExitStack) -> None:
    """Whatever a mail server refuses it may take later."""
    in_place_of(stack, smtp, "smtp_class", lambda *_: ErrorClass.RETRY_LATER)


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


def a_step_is_taken_although_the_one_before_arrived(stack: ExitStack) -> None:
    """A plan goes on to its end, whatever arrives."""
    in_place_of(stack, plan, "_arrived", lambda _: False)


def a_step_does_not_wait_for_the_one_before(stack: ExitStack) -> None:
    """What was taken and is not known to have arrived has failed."""
    in_place_of(stack, plan, "_failed", lambda _: True)


def what_did_not_arrive_is_waited_for(stack: ExitStack) -> None:
    """A step has its time, whatever is reported of it."""
    in_place_of(stack, plan, "_failed", lambda _: False)


def a_push_names_the_buyer(stack: ExitStack) -> None:
    """A consignor's app shows for whom its goods were."""
    concerned, message = consignors.concerned, jpush_message.message
    buyers: dict[str, str] = {}

    def noted(event: Any, order: Any) -> Iterator[Concerned]:
        buyers[event.order_id] = event.customer_id
        return concerned(event, order)

    def named(request: PushRequest, cid: str) -> bytes:
        buyer = buyers.get(request.order_id, "")
        return message(replace(request, body=f"{request.body} ({buyer})"), cid)

    in_place_of(stack, consignors, "concerned", noted)
    in_place_of(stack, jpush, "message", named)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    a_push_that_was_under_way_goes_again,
    a_mail_in_doubt_is_handed_in_again,
    no_reply_to_a_mail_is_a_yes,
    a_mailbox_that_is_none_is_tried_again,
    the_second_post_is_another_push,
    one_dead_device_is_all,
    a_push_rings_at_night,
    a_plan_never_takes_its_next_step,
    a_step_is_taken_although_the_one_before_arrived,
    a_step_does_not_wait_for_the_one_before,
    what_did_not_arrive_is_waited_for,
    a_push_names_the_buyer,
)
