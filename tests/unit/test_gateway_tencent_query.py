"""What ``PullSmsSendStatusByPhoneNumber`` says of a message, and that its silence says nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.gateways.http import Http
from agents.gateways.tencent import TencentGateway
from schemas.calls import ErrorClass, QueryRequest, QueryResult
from schemas.times import MINUTE, SECOND
from streams.settings import Secret, Tencent
from tests.clock import START, ManualClock
from tests.far_end import Act, FarEnd, http

OURS = "C1.N1.1"
SERIAL = "5000:1045710669157053657849499619"
RECEIVED = 1_764_000_005


def status(context: Any = OURS, **changed: Any) -> dict[str, Any]:
    fields = {
        "UserReceiveTime": RECEIVED,
        "CountryCode": "86",
        "SubscriberNumber": "13900000001",
        "PhoneNumber": "+8613900000001",
        "SerialNo": SERIAL,
        "ReportStatus": "SUCCESS",
        "Description": "DELIVRD",
        "SessionContext": context,
    }
    return {name: value for name, value in (fields | changed).items() if value is not None}


def listed(*statuses: Any) -> Act:
    return _said({"PullSmsSendStatusSet": list(statuses)})


def _said(response: object, http_status: int = 200) -> Act:
    return Act(http(json.dumps({"Response": response}).encode(), http_status))


@pytest.fixture
async def over() -> AsyncIterator[Http]:
    over = Http(ManualClock())
    yield over
    await over.close()


async def ask(over: Http, act: Act, **known: Any) -> tuple[QueryResult, dict[str, Any]]:
    """What became of it, and what was asked, ten minutes after it was sent. ``known``: what we know beside."""
    async with FarEnd(act) as far_end:
        settings = Tencent(Secret("id"), Secret("secret"), "1400006666", far_end.address)
        gateway = TencentGateway(settings, over, ManualClock(START + 10 * MINUTE))
        result = await gateway.query(QueryRequest(number="+8613900000001", out_id=OURS, sent_at=START, **known))
        [request] = far_end.requests
        assert b"X-TC-Action: PullSmsSendStatusByPhoneNumber" in request
        return result, json.loads(request.partition(b"\r\n\r\n")[2])


async def test_delivered(over: Http) -> None:
    result, asked = await ask(over, listed(status("C1.N2.1"), status(""), status()))
    assert result == QueryResult(found="delivered", message_id=SERIAL, reported_at=RECEIVED * SECOND, known_by="echo")
    assert asked == {
        "PhoneNumber": "+8613900000001",
        "SmsSdkAppId": "1400006666",
        "BeginTime": 1_764_000_000 - 6 * 60,
        "EndTime": 1_764_000_000 + 16 * 60,
        "Offset": 0,
        "Limit": 100,
    }


async def test_failed_says_why(over: Http) -> None:
    result, _ = await ask(over, listed(status(ReportStatus="FAIL", Description="UNDELIV")))
    assert (result.found, result.message_id) == ("failed", SERIAL)
    assert (result.code, result.error_class) == ("UNDELIV", ErrorClass.NUMBER_UNAVAILABLE)


async def test_failed_for_no_word_of_the_vendors(over: Http) -> None:
    result, _ = await ask(over, listed(status(ReportStatus="FAIL", Description="13900000001 停机")))
    assert (result.found, result.code, result.error_class) == ("failed", None, ErrorClass.UNKNOWN)


@pytest.mark.parametrize("report_status", [None, "", "WAITING"])
async def test_a_state_that_is_not_known_shows_at_least_that_it_was_taken(
    over: Http, report_status: str | None
) -> None:
    result, _ = await ask(over, listed(status(ReportStatus=report_status)))
    assert result == QueryResult(found="waiting", message_id=SERIAL, known_by="echo")


async def test_what_is_no_id_or_no_time_is_left_out(over: Http) -> None:
    result, _ = await ask(over, listed(status(SerialNo=5000, UserReceiveTime=None)))
    assert result == QueryResult(found="delivered", known_by="echo")


@pytest.mark.parametrize("others", [[], [status("")], [status(None)], [status("C1.N1.2")], [status("")] * 100])
async def test_what_is_not_listed_is_not_absent(over: Http, others: list[Any]) -> None:
    result, _ = await ask(over, listed(*others))
    assert result == QueryResult(found="unanswered", code="not_listed")


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (_said({"Error": {"Code": "InternalError.Timeout", "Message": "x"}}), "InternalError.Timeout"),
        (_said({"Error": {"Code": "RequestLimitExceeded", "Message": "x"}}), "RequestLimitExceeded"),
        (_said({"PullSmsSendStatusSet": [status()]}, 500), "http_500"),
        (_said({"PullSmsSendStatusSet": None}), "nonsense"),
        (_said({"PullSmsSendStatusSet": {}}), "nonsense"),
        (_said({}), "nonsense"),
        (_said(None), "nonsense"),
        (listed(status(SessionContext=7)), "nonsense"),
        (listed(status(UserReceiveTime="soon")), "nonsense"),
        (Act(http(b'{"Response":{"X":' + b"[" * 60_000)), "nonsense"),
        (Act(then="reset"), "reset"),
    ],
)
async def test_what_is_no_answer_teaches_nothing(over: Http, act: Act, code: str) -> None:
    assert (await ask(over, act))[0] == QueryResult(found="unanswered", code=code)


async def test_an_id_that_no_other_message_of_ours_has_is_ours(over: Http) -> None:
    result, _ = await ask(
        over, listed(status("", SerialNo="known"), status("")), alone=True, others=frozenset({"known"})
    )
    assert (result.found, result.message_id, result.known_by) == ("delivered", SERIAL, "else")


async def test_the_vendors_clock_may_be_behind(over: Http) -> None:
    result, _ = await ask(over, listed(status("", UserReceiveTime=START // SECOND - 5 * 60)), alone=True)
    assert result.known_by == "else"


@pytest.mark.parametrize(
    "others",
    [
        [status("C1.N1.2")],
        [status("", UserReceiveTime=START // SECOND - 10 * 60)],
        [status("", UserReceiveTime=None)],
        [status("", SerialNo=None)],
        [status(""), status("", SerialNo="another")],
        [status("")] * 100,
    ],
    ids=["another's", "received before", "no time", "no id", "one of two", "perhaps not all"],
)
async def test_what_may_be_anothers_is_not_ours(over: Http, others: list[Any]) -> None:
    result, _ = await ask(over, listed(*others), alone=True)
    assert result == QueryResult(found="unanswered", code="not_listed")


async def test_where_another_message_of_ours_has_no_known_id_none_is_ours(over: Http) -> None:
    result, _ = await ask(over, listed(status("")), alone=False)
    assert result.code == "not_listed"


async def test_what_the_vendor_named_when_it_took_it_is_found_by_that_name_alone(over: Http) -> None:
    found, _ = await ask(over, listed(status("", SerialNo="another"), status("")), message_id=SERIAL)
    assert (found.message_id, found.known_by) == (SERIAL, "serial")
    other, _ = await ask(over, listed(status("")), message_id="mine", alone=True)
    assert other.code == "not_listed"
