"""What ``QuerySendDetails`` says of a message, and when its silence counts."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.http import Http
from schemas.calls import ErrorClass, QueryRequest, QueryResult
from schemas.times import micros
from streams.settings import Aliyun, Secret
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http

OURS = "C1.N1.1"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = "2026-11-23 12:00:00"


def at(local: str) -> int:
    return micros(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI))


def detail(out_id: str | None = OURS, **changed: Any) -> dict[str, Any]:
    fields = {
        "PhoneNum": "13900000001",
        "SendStatus": 3,
        "ErrCode": "DELIVERED",
        "TemplateCode": "SMS_1",
        "Content": "【寄卖行】您好",
        "SendDate": NOON,
        "ReceiveDate": "2026-11-23 12:00:05",
        "OutId": out_id,
    }
    return {name: value for name, value in (fields | changed).items() if value is not None}


def page(*details: dict[str, Any], total: Any = None, **changed: Any) -> Act:
    body = {
        "Code": "OK",
        "Message": "OK",
        "RequestId": "F655A8D5",
        "TotalCount": str(len(details)) if total is None else total,
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": list(details)},
    }
    return Act(http(json.dumps(body | changed).encode()))


@pytest.fixture
async def over() -> AsyncIterator[Http]:
    over = Http(ManualClock())
    yield over
    await over.close()


async def ask(over: Http, *acts: Act, sent_at: str = NOON) -> tuple[QueryResult, list[str]]:
    """What became of it, and what was asked: day and page."""
    async with FarEnd(*acts) as far_end:
        gateway = AliyunGateway(Aliyun(Secret("key"), Secret("secret"), far_end.address), over, ManualClock())
        result = await gateway.query(QueryRequest(number="+8613900000001", out_id=OURS, sent_at=at(sent_at)))
        return result, [_asked(request) for request in far_end.requests]


def _asked(request: bytes) -> str:
    query = dict(pair.split("=") for pair in request.decode().split(" ")[1].removeprefix("/?").split("&"))
    assert (query["PhoneNumber"], query["PageSize"]) == ("13900000001", "50")
    return f"{query['SendDate']} {query['CurrentPage']}"


async def test_delivered(over: Http) -> None:
    result, asked = await ask(over, page(detail("C1.N2.1"), detail(None), detail()))
    assert result == QueryResult(
        found="delivered", sent_at=at(NOON), reported_at=at("2026-11-23 12:00:05"), known_by="echo"
    )
    assert asked == ["20261123 1"]


async def test_failed_says_why(over: Http) -> None:
    result, _ = await ask(over, page(detail(SendStatus=2, ErrCode="MOBILE_IN_BLACK")))
    assert (result.found, result.code, result.error_class) == ("failed", "MOBILE_IN_BLACK", ErrorClass.OPTED_OUT)


async def test_failed_for_no_word_of_the_vendors(over: Http) -> None:
    result, _ = await ask(over, page(detail(SendStatus=2, ErrCode="13900000001 余额不足")))
    assert (result.found, result.code, result.error_class) == ("failed", None, ErrorClass.UNKNOWN)


async def test_waiting(over: Http) -> None:
    result, _ = await ask(over, page(detail(SendStatus=1, ErrCode="", ReceiveDate=None)))
    assert result == QueryResult(found="waiting", sent_at=at(NOON), known_by="echo")


async def test_a_state_that_is_not_known_shows_at_least_that_it_was_taken(over: Http) -> None:
    result, _ = await ask(over, page(detail(SendStatus=4)))
    assert result.found == "waiting"


async def test_a_time_that_is_none_is_left_out(over: Http) -> None:
    result, _ = await ask(over, page(detail(SendDate="yesterday", ReceiveDate="")))
    assert result == QueryResult(found="delivered", known_by="echo")


async def test_absent_where_all_pages_were_read(over: Http) -> None:
    full, rest = [detail("C1.N2.1")] * 50, [detail("C1.N2.1")] * 30
    result, asked = await ask(over, page(*full, total="130"), page(*full, total="130"), page(*rest, total="130"))
    assert result == QueryResult(found="absent")
    assert asked == ["20261123 1", "20261123 2", "20261123 3"]


async def test_absent_where_there_was_nothing(over: Http) -> None:
    assert (await ask(over, page(total=0)))[0] == QueryResult(found="absent")
    assert (await ask(over, page(SmsSendDetailDTOs=None)))[0] == QueryResult(found="absent")


async def test_found_on_a_later_page(over: Http) -> None:
    result, asked = await ask(over, page(*[detail("C1.N2.1")] * 50, total=51), page(detail(), total=51))
    assert result.found == "delivered"
    assert asked == ["20261123 1", "20261123 2"]


@pytest.mark.parametrize(
    ("sent_at", "days"),
    [
        ("2026-11-23 00:20:00", ["20261123 1"]),
        ("2026-11-23 00:10:00", ["20261123 1", "20261122 1"]),
        ("2026-11-23 23:59:58", ["20261123 1", "20261124 1"]),
        ("2026-12-31 23:50:00", ["20261231 1", "20270101 1"]),
        ("2026-11-23 08:00:00", ["20261123 1"]),  # midnight elsewhere
    ],
)
async def test_near_midnight_both_days_are_asked_for(over: Http, sent_at: str, days: list[str]) -> None:
    result, asked = await ask(over, page(), sent_at=sent_at)
    assert result.found == "absent"
    assert asked == days


async def test_found_on_the_other_side_of_midnight(over: Http) -> None:
    result, _ = await ask(over, page(), page(detail()), sent_at="2026-11-23 23:59:58")
    assert result.found == "delivered"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (page(total="3"), "nonsense"),
        (page(total="many"), "nonsense"),
        (page(total=-1), "nonsense"),
        (page(TotalCount=None), "nonsense"),
        (page(SmsSendDetailDTOs=[]), "nonsense"),
        (page(detail("C1.N2.1", SendStatus="3")), "nonsense"),
        (page(detail(OutId=7)), "nonsense"),
        (page(Code=None), "nonsense"),
        (page(Code="isv.RAM_PERMISSION_DENY"), "isv.RAM_PERMISSION_DENY"),
        (Act(http(b'{"Code":"Throttling.User"}', 400)), "Throttling.User"),
        (Act(http(b'{"Code":"OK","TotalCount":"0"}', 500)), "http_500"),
        (Act(http(b"{}")), "nonsense"),
        (Act(http(b'{"Code":"OK","X":' + b"[" * 60_000)), "nonsense"),
    ],
)
async def test_nonsense_does_not_mean_that_it_is_absent(over: Http, act: Act, code: str) -> None:
    assert (await ask(over, act))[0] == QueryResult(found="unanswered", code=code)


async def test_a_page_that_cannot_be_read_hides_who_knows_what(over: Http) -> None:
    result, _ = await ask(over, page(*[detail("C1.N2.1")] * 50, total=51), Act(then="reset"))
    assert result == QueryResult(found="unanswered", code="reset")


async def test_more_than_can_be_read_is_no_answer(over: Http) -> None:
    result, asked = await ask(over, page(*[detail("C1.N2.1")] * 50, total=501))
    assert result == QueryResult(found="unanswered", code="too_many")
    assert len(asked) == 10
