"""Reading what Tencent pushes."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gateways import tencent_callbacks
from agents.gateways.pushed import Reply, Report
from schemas.calls import ErrorClass
from schemas.times import SECOND
from streams.errors import Invalid
from streams.policy.echo import Echo
from tests.callbacks import NUMBER
from tests.driver import START
from tests.tencent_callbacks import SERIAL, a_reply, a_report

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def _report(**fields: Any) -> Report:
    return tencent_callbacks.report(msgspec.json.encode(a_report(**fields)))


def _reply(content: Any = "TD", **fields: Any) -> Reply:
    return tencent_callbacks.reply(msgspec.json.encode(a_reply(content, **fields)))


def test_a_report_is_read_with_its_time_in_beijing() -> None:
    assert _report() == Report(
        provider="tencent",
        number=NUMBER,
        delivered=True,
        code=None,
        error_class=None,
        message_id=SERIAL,
        owner=None,
        sent_at=None,
        reported_at=START + 5 * SECOND,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"nationcode": 86, "mobile": 13900000001},
        {"nationcode": None},
        {"nationcode": None, "mobile": "+8613900000001"},
        {"nationcode": "86", "mobile": "+8613900000001"},
        {"nationcode": ""},
    ],
)
def test_a_number_comes_in_any_form(fields: dict[str, Any]) -> None:
    assert _report(**fields).number == NUMBER
    assert _reply(**fields).number == NUMBER


def test_a_number_from_abroad_is_read_with_its_countrys_code() -> None:
    assert _report(nationcode="852", mobile="91234567").number == "+85291234567"


def test_what_a_failure_means_is_its_class() -> None:
    report = _report(report_status="FAIL", errmsg="UNDELIV")
    assert (report.delivered, report.code, report.error_class) == (False, "UNDELIV", ErrorClass.NUMBER_UNAVAILABLE)
    assert _report(report_status="fail", errmsg="MK:0001").error_class is ErrorClass.UNKNOWN
    assert _report().code is None


@pytest.mark.parametrize("errmsg", [None, "", "用户 13900000001 停机", "13900000001 UNDELIV", "X" * 65, "X\n"])
def test_a_word_that_may_be_free_text_is_not_kept(errmsg: str | None) -> None:
    report = _report(report_status="FAIL", errmsg=errmsg)
    assert (report.delivered, report.code, report.error_class) == (False, None, None)


def test_it_is_stored_under_our_id_or_else_the_vendors() -> None:
    assert _report(ext="C1.N1.1").key == "C1.N1.1"
    assert _report(ext="C1.N1.2").owner == Echo("C1", "N1", 2)
    assert _report(ext="somebody-elses").key == f"tencent:{SERIAL}"
    assert _report().key == f"tencent:{SERIAL}"
    assert tencent_callbacks.report(b'{"report_status":"SUCCESS","ext":"C1.N1.1"}').key == "C1.N1.1"


@pytest.mark.parametrize("time", ["", "yesterday", "2025-11-25T00:00:00Z", 1764000000, []])
def test_a_time_that_can_not_be_read_is_none(time: Any) -> None:
    assert _report(user_receive_time=time).reported_at is None


@pytest.mark.parametrize("time", [None, "", "yesterday", -1, 1.5, True, [], 10**12, "１７６４００００００"])
def test_a_moment_that_can_not_be_read_is_none(time: Any) -> None:
    assert _reply(time=time).at is None


def test_a_reply_is_read() -> None:
    assert _reply("今天能到吗") == Reply(NUMBER, "今天能到吗", START)
    assert _reply(1, time=str(START // SECOND)) == Reply(NUMBER, "1", START)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"report_status": None}, "missing_field"),
        ({"report_status": True}, "wrong_type"),
        ({"report_status": "WAITING"}, "bad_value"),
        ({"sid": None}, "missing_field"),
        ({"sid": None, "ext": "somebody-elses"}, "missing_field"),
        ({"sid": ["1"]}, "wrong_type"),
        ({"sid": "1" * 201}, "bad_value"),
        ({"report_status": "FAIL", "errmsg": {}}, "wrong_type"),
        ({"mobile": True}, "wrong_type"),
    ],
)
def test_a_report_that_can_not_be_read_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as why:
        _report(**fields)
    assert why.value.reason == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mobile": None}, "missing_field"),
        ({"mobile": "12"}, "bad_value"),
        ({"content": None}, "missing_field"),
        ({"content": ["TD"]}, "wrong_type"),
    ],
)
def test_a_reply_that_can_not_be_read_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as why:
        _reply(**fields)
    assert why.value.reason == reason


@given(st.dictionaries(st.sampled_from(sorted(a_report(ext="") | a_reply())), JSON) | JSON, st.booleans())
def test_whatever_comes_is_read_or_invalid(element: Any, whether: bool) -> None:
    read = tencent_callbacks.report if whether else tencent_callbacks.reply
    said = ""
    try:
        read(msgspec.json.encode(element))
    except Invalid as why:
        said = str(why)
    assert "139" not in said
