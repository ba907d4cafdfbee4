"""Reading what Aliyun pushes."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gateways import aliyun_callbacks
from agents.gateways.pushed import Reply, Report
from schemas.calls import ErrorClass
from schemas.times import SECOND
from streams.errors import Invalid
from streams.policy.echo import Echo
from tests.callbacks import BIZ, NUMBER, a_reply, a_report
from tests.driver import START

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def _report(**fields: Any) -> Report:
    return aliyun_callbacks.report(msgspec.json.encode(a_report(**fields)))


def _reply(content: Any = "TD", **fields: Any) -> Reply:
    return aliyun_callbacks.reply(msgspec.json.encode(a_reply(content, **fields)))


def test_a_report_is_read_with_its_times_in_beijing() -> None:
    assert _report() == Report(
        provider="aliyun",
        number=NUMBER,
        delivered=True,
        code=None,
        error_class=None,
        message_id=BIZ,
        owner=Echo("C1", "N1", 1),
        sent_at=START,
        reported_at=START + 5 * SECOND,
    )


@pytest.mark.parametrize("phone", ["13900000001", "8613900000001", "+8613900000001", "+86 139-0000-0001", 13900000001])
def test_a_number_comes_in_any_form(phone: Any) -> None:
    assert _report(phone_number=phone).number == NUMBER
    assert _reply(phone_number=phone).number == NUMBER


def test_what_a_failure_means_is_its_class() -> None:
    report = _report(success=False, err_code="MOBILE_IN_BLACK")
    assert (report.delivered, report.code, report.error_class) == (False, "MOBILE_IN_BLACK", ErrorClass.OPTED_OUT)
    assert _report(success=False, err_code="NEVER_HEARD_OF").error_class is ErrorClass.UNKNOWN
    assert _report(success=False, err_code=None).error_class is None
    assert _report().error_class is None


def test_that_the_carrier_was_asked_is_no_news() -> None:
    assert _report(success=False, err_code="REQUEST_SUCCESS").delivered is None


@pytest.mark.parametrize(("success", "delivered"), [("true", True), ("TRUE", True), ("false", False)])
def test_success_may_be_written_out(success: str, delivered: bool) -> None:
    assert _report(success=success).delivered is delivered


def test_only_success_and_one_id_are_needed() -> None:
    bare = aliyun_callbacks.report(b'{"success":true,"biz_id":"1^0"}')
    assert bare == Report("aliyun", None, True, None, None, "1^0", None, None, None)
    assert aliyun_callbacks.report(b'{"success":true,"out_id":"C1.N1.2"}').owner == Echo("C1", "N1", 2)


def test_it_is_stored_under_our_id_or_else_the_vendors() -> None:
    assert _report().key == "C1.N1.1"
    assert _report(out_id="somebody-elses").key == f"aliyun:{BIZ}"
    assert _report(out_id=None).key == f"aliyun:{BIZ}"


@pytest.mark.parametrize("time", ["", "yesterday", "2025-11-25T00:00:00Z", "2025-13-01 00:00:00", 1764000000, []])
def test_a_time_that_can_not_be_read_is_none(time: Any) -> None:
    assert _report(report_time=time).reported_at is None
    assert _reply(send_time=time).at is None


def test_a_reply_is_read() -> None:
    assert _reply("今天能到吗") == Reply(NUMBER, "今天能到吗", START)
    assert _reply(1).content == "1"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"success": None}, "missing_field"),
        ({"success": 1}, "wrong_type"),
        ({"success": "yes"}, "bad_value"),
        ({"biz_id": None, "out_id": None}, "missing_field"),
        ({"biz_id": None, "out_id": "somebody-elses"}, "missing_field"),
        ({"biz_id": "", "out_id": ""}, "missing_field"),
        ({"biz_id": ["1"]}, "wrong_type"),
        ({"biz_id": "1" * 201}, "bad_value"),
        ({"success": False, "err_code": {}}, "wrong_type"),
        ({"phone_number": True}, "wrong_type"),
    ],
)
def test_a_report_that_can_not_be_read_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as why:
        _report(**fields)
    assert why.value.reason == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"phone_number": None}, "missing_field"),
        ({"phone_number": "12"}, "bad_value"),
        ({"phone_number": "010-12345678"}, "bad_value"),
        ({"content": None}, "missing_field"),
        ({"content": ["TD"]}, "wrong_type"),
    ],
)
def test_a_reply_that_can_not_be_read_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as why:
        _reply(**fields)
    assert why.value.reason == reason


@pytest.mark.parametrize("element", [b"1", b'"x"', b"null", b"[]"])
def test_what_is_no_object_has_the_wrong_type(element: bytes) -> None:
    for read in (aliyun_callbacks.report, aliyun_callbacks.reply):
        with pytest.raises(Invalid) as why:
            read(element)
        assert why.value.reason == "wrong_type"


@given(st.dictionaries(st.sampled_from(sorted(a_report() | a_reply())), JSON) | JSON, st.booleans())
def test_whatever_comes_is_read_or_invalid(element: Any, whether: bool) -> None:
    read = aliyun_callbacks.report if whether else aliyun_callbacks.reply
    said = ""
    try:
        read(msgspec.json.encode(element))
    except Invalid as why:
        said = str(why)
    assert "139" not in said


def test_a_number_beyond_all_bounds_is_a_bad_value() -> None:
    with pytest.raises(Invalid) as why:
        aliyun_callbacks.report(b'{"success":true,"biz_id":"1","sms_size":1e999}')
    assert why.value.reason == "bad_value"
