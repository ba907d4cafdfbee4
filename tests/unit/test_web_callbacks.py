"""The vendors' pushes, row by row of the contract's table."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from agents.web.intake import unread
from schemas.callbacks import Callback
from schemas.opt_outs import OptOut
from schemas.times import DAY, SECOND, instant, micros
from tests.callbacks import BIZ, NUMBER, PHONE, a_reply, a_report
from tests.clock import START
from tests.webport import HASHER, TOKEN, Port, web_port

TAKEN = {"code": 0, "msg": "成功"}
MIB = 1024 * 1024


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with web_port() as port:
        yield port


def _stored(port: Port) -> list[tuple[str, Callback]]:
    return [(r.key.decode(), msgspec.json.decode(r.value or b"", type=Callback)) for r in port.callbacks if r.key]


def _shown(port: Port) -> str:
    return generate_latest(port.metrics.registry).decode()


def _stops(port: Port) -> list[tuple[str, OptOut]]:
    return [(r.key.decode(), msgspec.json.decode(r.value or b"", type=OptOut)) for r in port.opt_outs if r.key]


@pytest.mark.parametrize("what", ["receipts", "replies"])
async def test_the_connectivity_check_is_answered_as_the_vendor_expects(port: Port, what: str) -> None:
    async with port.client.get(f"/callbacks/aliyun/{TOKEN}/{what}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert await answer.json() == TAKEN
    assert port.callbacks == []


async def test_a_push_is_answered_as_the_vendor_expects(port: Port) -> None:
    async with port.client.post(f"/callbacks/aliyun/{TOKEN}/receipts", json=[a_report()]) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert await answer.json() == TAKEN


async def test_each_element_is_stored_as_it_came_under_what_it_is_joined_by(port: Port) -> None:
    port.clock.advance(SECOND)
    spaced = b'{ "success" : true,\t"biz_id":"7^0" , "extra": 1.50 }'
    echoed = msgspec.json.encode(a_report())
    foreign = msgspec.json.encode(a_report(out_id="somebody-elses"))
    assert await port.push("receipts", b"[" + b" ,".join([echoed, spaced, foreign]) + b"]\n") == 200
    stored = _stored(port)
    assert [key for key, _ in stored] == ["C1.N1.1", "aliyun:7^0", f"aliyun:{BIZ}"]
    assert [bytes(callback.element) for _, callback in stored] == [echoed, spaced, foreign]
    assert {(c.provider, c.what, c.received_at) for _, c in stored} == {("aliyun", "receipt", instant(START + SECOND))}


async def test_a_reply_is_stored_under_the_numbers_name_and_never_the_number(port: Port) -> None:
    assert await port.push("replies", [a_reply("今天能到吗")]) == 200
    ((key, callback),) = _stored(port)
    assert key == HASHER(NUMBER)
    assert callback.what == "reply"
    assert port.opt_outs == []


async def test_arrays_of_a_hundred_are_taken_whole(port: Port) -> None:
    assert await port.push("receipts", [a_report(out_id=f"C{n}.N1.1") for n in range(100)]) == 200
    assert [key for key, _ in _stored(port)] == [f"C{n}.N1.1" for n in range(100)]


async def test_an_empty_array_is_good(port: Port) -> None:
    assert await port.push("receipts", []) == 200
    assert port.callbacks == []


async def test_bad_elements_are_stored_too_and_the_array_is_good(port: Port) -> None:
    assert await port.push("receipts", [1, {"foo": 1}, a_report(), None]) == 200
    assert [key for key, _ in _stored(port)] == [unread("aliyun"), unread("aliyun"), "C1.N1.1", unread("aliyun")]
    assert await port.push("replies", [{"phone_number": "12", "content": "TD"}]) == 200
    assert [key for key, _ in _stored(port)][4:] == [unread("aliyun")]
    assert port.opt_outs == []


@pytest.mark.parametrize("token", ["wrong", "", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%00", "错"])
@pytest.mark.parametrize("what", ["receipts", "replies"])
async def test_a_wrong_token_is_not_found(port: Port, token: str, what: str) -> None:
    assert await port.push(what, [a_report()], token) == 404
    async with port.client.get(f"/callbacks/aliyun/{token}/{what}") as answer:
        assert answer.status == 404
    assert port.callbacks == []


async def test_without_a_token_nothing_is_found() -> None:
    async with web_port(callback_token=None) as port:
        for token in (TOKEN, "None", ""):
            assert await port.push("receipts", [a_report()], token) == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[1",
        b"[{]",
        b"{}",
        b'"x"',
        b"1",
        b"null",
        b"[1]x",
        b'["\xff"]',
        b'[{"a":"\xff"}]',
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_what_is_no_json_array_is_refused(port: Port, body: bytes) -> None:
    assert await port.push("receipts", body) == 400
    assert await port.push("replies", body) == 400
    assert port.callbacks == []


def _array_of(size: int) -> bytes:
    return b'["' + b"x" * (size - 4) + b'"]'


async def test_a_mebibyte_is_taken_and_a_byte_more_is_not(port: Port) -> None:
    assert await port.push("receipts", _array_of(MIB)) == 200
    assert await port.push("receipts", _array_of(MIB + 1)) == 413
    assert len(port.callbacks) == 1


async def test_the_bound_holds_without_a_length_as_well(port: Port) -> None:
    async def chunks(size: int) -> AsyncIterator[bytes]:
        body = _array_of(size)
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    for size, status in ((MIB, 200), (MIB + 1, 413), (3 * MIB, 413)):
        async with port.client.post(f"/callbacks/aliyun/{TOKEN}/receipts", data=chunks(size)) as answer:
            assert answer.status == status


async def test_a_length_beyond_the_bound_is_refused_before_the_body_comes(port: Port) -> None:
    head = f"POST /callbacks/aliyun/{TOKEN}/receipts HTTP/1.1\r\nHost: x\r\nContent-Length: {MIB + 1}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port.server.port)
    writer.write(head.encode())
    async with asyncio.timeout(30):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_packed_body_is_not_unpacked(port: Port) -> None:
    """A few bytes could unpack to more than all that may come."""
    packed = gzip.compress(msgspec.json.encode([a_report()]))
    url, headers = f"/callbacks/aliyun/{TOKEN}/receipts", {"Content-Encoding": "gzip"}
    async with port.client.post(url, data=packed, headers=headers) as answer:
        assert answer.status == 400
    assert port.callbacks == []


async def test_nothing_is_answered_before_it_is_durable(port: Port) -> None:
    port.writer.hold = asyncio.Event()
    push = asyncio.ensure_future(port.push("replies", [a_reply()]))
    await port.writer.asked.wait()
    assert not push.done()
    port.writer.hold.set()
    assert await push == 200
    assert len(port.callbacks) == len(port.opt_outs) == 1


async def test_what_is_not_durable_in_time_is_asked_for_again(port: Port) -> None:
    port.writer.hold = asyncio.Event()
    began = asyncio.get_running_loop().time()
    assert await port.push("replies", [a_reply()]) == 503
    assert asyncio.get_running_loop().time() - began >= 0.5
    assert "orderbell_opt_outs_total{" not in _shown(port)
    port.writer.hold.set()
    await port.writer.done()
    port.read_ledger()
    assert await port.push("replies", [a_reply()]) == 200
    assert len(port.opt_outs) == 1, "pushed again, it is known"
    assert 'orderbell_opt_outs_total{provider="aliyun",source="reply"} 1.0' in _shown(port)


async def test_what_kafka_refuses_is_asked_for_again(port: Port) -> None:
    port.writer.refuse = True
    assert await port.push("receipts", [a_report()]) == 503
    port.writer.refuse = False
    assert await port.push("receipts", [a_report()]) == 200


@pytest.mark.parametrize("content", ["TD", "t", "Ｎ", " 退订。", "回T", "回复TD"])
async def test_a_stop_is_in_the_ledger_before_the_reply_is_answered(port: Port, content: str) -> None:
    assert await port.push("replies", [a_reply(content)]) == 200
    ((key, stop),) = _stops(port)
    assert key == HASHER(NUMBER)
    assert stop == OptOut(scope="all", stopped=True, at=instant(START), source="reply", provider="aliyun")
    port.read_ledger()
    assert port.ledger.stopped(NUMBER)


async def test_r_stops_marketing_alone(port: Port) -> None:
    await port.push("replies", [a_reply("R")])
    port.read_ledger()
    assert not port.ledger.stopped(NUMBER)
    assert port.ledger.stopped_marketing(NUMBER)


@pytest.mark.parametrize("phone", [PHONE, "86" + PHONE, "+86" + PHONE, "+86 139 0000 0001"])
async def test_the_number_may_come_in_any_form(port: Port, phone: str) -> None:
    await port.push("replies", [a_reply(phone_number=phone)])
    port.read_ledger()
    assert port.ledger.stopped(NUMBER)


@pytest.mark.parametrize("code", ["MOBILE_IN_BLACK", "USER_REJECT"])
async def test_a_report_that_the_number_said_stop_is_a_stop(port: Port, code: str) -> None:
    await port.push("receipts", [a_report(success=False, err_code=code, out_id=None)])
    ((key, stop),) = _stops(port)
    assert key == HASHER(NUMBER)
    assert (stop.scope, stop.source, stop.at) == ("all", "receipt", instant(START))
    assert [key for key, _ in _stored(port)] == [f"aliyun:{BIZ}"]


@pytest.mark.parametrize(
    "fields", [{"success": False, "err_code": "MOBILE_NOT_ON_SERVICE"}, {"err_code": "USER_REJECT"}]
)
async def test_no_other_report_is_a_stop(port: Port, fields: dict[str, Any]) -> None:
    await port.push("receipts", [a_report(**fields)])
    assert port.opt_outs == []


async def test_a_stop_counts_from_the_vendors_time_or_from_ours(port: Port) -> None:
    port.clock.advance(DAY)
    await port.push("replies", [a_reply()])
    await port.push("replies", [a_reply(send_time="yesterday")])
    await port.push("replies", [a_reply(send_time="2099-01-01 00:00:00")])
    assert [micros(stop.at) for _, stop in _stops(port)] == [START, START + DAY, START + DAY]


async def test_a_stop_that_is_pushed_again_is_not_written_again(port: Port) -> None:
    await port.push("replies", [a_reply()])
    port.read_ledger()
    assert await port.push("replies", [a_reply()]) == 200
    assert len(port.callbacks) == 2
    assert len(port.opt_outs) == 1


async def test_an_old_stop_pushed_again_after_a_lift_is_not_written(port: Port) -> None:
    """Compaction keeps what was written last, so once it has run the lift would be gone."""
    await port.push("replies", [a_reply()])
    lift = OptOut(scope="all", stopped=False, at=instant(START + SECOND), source="reply", provider="aliyun")
    await port.kafka.publish("opt-outs", HASHER(NUMBER).encode(), msgspec.json.encode(lift))
    port.read_ledger()
    await port.push("replies", [a_reply()])
    assert [stop.stopped for _, stop in _stops(port)] == [True, False]
    port.clock.advance(DAY)
    await port.push("replies", [a_reply(send_time="2025-11-25 00:00:02")])
    assert [stop.stopped for _, stop in _stops(port)] == [True, False, True]


async def test_every_answer_is_counted(port: Port) -> None:
    await port.push("replies", [a_reply()])
    await port.push("receipts", b"x")
    await port.push("receipts", [], token="wrong")
    shown = _shown(port)
    assert 'orderbell_callbacks_total{answer="200",provider="aliyun",what="reply"} 1.0' in shown
    assert 'orderbell_callbacks_total{answer="400",provider="aliyun",what="receipt"} 1.0' in shown
    assert 'orderbell_opt_outs_total{provider="aliyun",source="reply"} 1.0' in shown
    assert 'answer="404"' not in shown


async def test_no_token_and_no_number_is_ever_logged(port: Port, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        await port.push("replies", [a_reply()])
        await port.push("replies", [{"phone_number": PHONE}])
        port.writer.refuse = True
        await port.push("replies", [a_reply()])
        async with port.client.request("PATCH", f"/callbacks/aliyun/{TOKEN}/replies") as answer:
            assert answer.status == 405
        await _raw(port, f"GET /callbacks/aliyun/{TOKEN}/replies and more HTTP/1.1\r\n\r\n".encode())
        await _raw(port, f"GET\x00 /callbacks/aliyun/{TOKEN}/replies HTTP/1.1\r\n\r\n".encode())
    assert {log["event"] for log in logs} == {"callback_not_stored", "request_unreadable"}
    said = repr(logs) + "".join(capfd.readouterr())
    assert TOKEN not in said
    assert PHONE not in said


async def test_a_body_that_breaks_off_or_is_garbled_harms_nothing(port: Port) -> None:
    head = f"POST /callbacks/aliyun/{TOKEN}/replies HTTP/1.1\r\nHost: x\r\n"
    garbled = await _raw(port, f"{head}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n\r\n".encode())
    assert b" 400 " in garbled.split(b"\r\n")[0]
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection("127.0.0.1", port.server.port)
        writer.write(f"{head}Content-Length: 100\r\n\r\n[".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert await port.push("replies", [a_reply()]) == 200
    assert not [log for log in logs if log["event"] == "request_failed"]


async def _raw(port: Port, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port.server.port)
    writer.write(request)
    await writer.drain()
    async with asyncio.timeout(30):
        answer = await reader.read()
    writer.close()
    return answer
