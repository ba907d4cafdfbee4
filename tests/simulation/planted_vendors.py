"""Defects of a sender that has two vendors, for ``planted``."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.tencent import TencentGateway
from agents.web.intake import Intake
from schemas.calls import ErrorClass, QueryResult, SendResult
from schemas.times import DAY
from streams.operators.sending import doubt, journal, receipts, recipient, results, route
from streams.operators.sending.outbox import Bar
from streams.policy import asking, retry


def in_place_of(stack: ExitStack, owner: Any, name: str, defect: Any) -> None:
    """Puts a defect in the place of what is sound, until the stack is left."""
    stack.enter_context(patch.object(owner, name, defect))


def another_provider_is_tried_in_doubt(stack: ExitStack) -> None:
    """No answer is a reason to take the other provider."""

    def begins(desk: Any, notification: Any, attempt: Any, reason: Any) -> None:
        receipts.write(desk, notification, attempt, "unknown", desk.now, reason)
        kept = journal.change(desk, notification, attempt, replace(attempt, status="unknown", ask_at=None))
        journal._go_on(desk, journal._bar(kept, Bar(attempt.provider, 1, desk.now + DAY)))

    in_place_of(stack, doubt, "begins", begins)


def what_is_given_up_goes_on(stack: ExitStack) -> None:
    """When asking has been in vain the message is sent again."""

    def given_up(desk: Any, notification: Any, attempt: Any) -> None:
        journal._go_on(desk, journal.change(desk, notification, attempt, replace(attempt, ask_at=None)))

    in_place_of(stack, journal, "given_up", given_up)


def absence_counts_at_tencent(stack: ExitStack) -> None:
    """What Tencent does not list was not taken."""
    whole = TencentGateway.query

    async def query(self: TencentGateway, request: Any) -> QueryResult:
        result = await whole(self, request)
        return QueryResult(found="absent") if result.code == "not_listed" else result

    in_place_of(stack, TencentGateway, "query", query)
    stack.enter_context(patch.dict(asking.ASKING, tencent=asking.ASKING["aliyun"]))


def each_provider_counts_its_own_attempts(stack: ExitStack) -> None:
    """The number of an attempt begins anew at the second provider."""
    whole = journal.begin

    def begin(desk: Any, notification: Any, number: Any, way: Any, *rest: Any) -> None:
        fresh = notification.bars and all(bar.provider != way.provider for bar in notification.bars)
        whole(desk, replace(notification, tried=0) if fresh else notification, number, way, *rest)

    in_place_of(stack, journal, "begin", begin)


def replies_to_tencent_are_unheard(stack: ExitStack) -> None:
    """Only Aliyun's replies are looked at for a stop."""
    whole = Intake._reply

    def reply(self: Intake, pushed: Any, element: Any, received_at: Any) -> Any:
        key, stop = whole(self, pushed, element, received_at)
        return key, None if pushed.provider == "tencent" else stop

    in_place_of(stack, Intake, "_reply", reply)


def answers(stack: ExitStack, gateway: Any, instead: Callable[[SendResult], SendResult]) -> None:
    """Puts other answers in the place of a gateway's."""
    whole = gateway.send

    async def send(self: Any, request: Any, hindrance: Any) -> SendResult:
        return instead(await whole(self, request, hindrance))

    in_place_of(stack, gateway, "send", send)


def no_answer_of_tencent_is_a_no(stack: ExitStack) -> None:
    """What Tencent has not answered was not taken."""
    no = SendResult(outcome="rejected", error_class=ErrorClass.RETRY_LATER, code="unknown")
    answers(stack, TencentGateway, lambda result: no if result.outcome == "unknown" else result)


def no_answer_of_tencent_is_a_yes(stack: ExitStack) -> None:
    """What Tencent has not answered was taken."""
    yes = SendResult(outcome="accepted")
    answers(stack, TencentGateway, lambda result: yes if result.outcome == "unknown" else result)


def a_no_is_a_yes(stack: ExitStack) -> None:
    """That a vendor answers at all is a yes."""
    for gateway in (AliyunGateway, TencentGateway):
        answers(stack, gateway, lambda r: SendResult(outcome="accepted") if r.outcome == "rejected" else r)


def number_is_read_once(stack: ExitStack) -> None:
    """At which number a contact hears is looked up for its first message only."""
    whole = recipient._contact
    read: dict[tuple[int, str], Any] = {}

    def contact(desk: Any, notice: Any, notification: Any, profile: Any) -> Any:
        key = (id(desk.ways), f"{desk.customer_id}/{notification.contact_id}")
        return read.setdefault(key, whole(desk, notice, notification, profile))

    in_place_of(stack, recipient, "_contact", contact)


def receipts_name_the_first_provider(stack: ExitStack) -> None:
    """The receipts of a message name the provider that the rules have first."""
    whole = receipts.write

    def write(desk: Any, notification: Any, attempt: Any, *more: Any) -> None:
        whole(desk, notification, replace(attempt, provider=desk.rules.providers[0]), *more)

    in_place_of(stack, receipts, "write", write)


def only_the_first_provider_is_asked(stack: ExitStack) -> None:
    """Whatever the first of the rules' providers says, no other is asked."""
    whole = route._listed
    in_place_of(stack, route, "_listed", lambda *of: whole(*of)[:1])


def a_no_is_every_providers(stack: ExitStack) -> None:
    """What one provider refuses for good no other is asked for."""
    in_place_of(stack, retry, "everywhere", lambda _: True)


def a_bar_is_never_lifted(stack: ExitStack) -> None:
    """A provider that has once refused a message is not asked for it again, and it waits all the same."""
    whole = results._what_follows

    def follows(*of: Any) -> Any:
        then = whole(*of)
        return then._replace(until=then.until + 2 * DAY) if isinstance(then, Bar) and then.ends is None else then

    in_place_of(stack, results, "_what_follows", follows)


DEFECTS: tuple[Callable[[ExitStack], None], ...] = (
    another_provider_is_tried_in_doubt,
    what_is_given_up_goes_on,
    absence_counts_at_tencent,
    each_provider_counts_its_own_attempts,
    replies_to_tencent_are_unheard,
    no_answer_of_tencent_is_a_no,
    no_answer_of_tencent_is_a_yes,
    a_no_is_a_yes,
    number_is_read_once,
    receipts_name_the_first_provider,
    only_the_first_provider_is_asked,
    a_no_is_every_providers,
    a_bar_is_never_lifted,
)
