"""The stand-in at the far end, with the real gateway before it."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.http import Http
from orderbell.standins.aliyun.faults import refusal
from orderbell.standins.aliyun.pushes import AliyunPushes
from orderbell.standins.aliyun.service import AliyunStandIn
from orderbell.standins.aliyun.texts import Texts
from orderbell.standins.faults import Fault, bad_gateway
from schemas.calls import ErrorClass, SendResult
from schemas.times import MILLISECOND, MINUTE, SECOND
from streams.clock import SystemClock
from streams.settings import Aliyun, Secret
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http
from tests.gateways import a_message, a_question, unhindered

TEXT = "您好，订单${order}因${reason}付款未成功。"
SECRETS = {"key": "secret"}


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # several of these have nobody who could set an event
            await asyncio.sleep(0.005)


class Scene:
    """A stand-in, and gateways to it, by one clock."""

    def __init__(self, standin: AliyunStandIn, address: str, clock: ManualClock) -> None:
        self.standin = standin
        self.clock = clock
        self.address = address
        self.over = Http(clock, answer_within=300 * MILLISECOND)
        self.gateway = self.signing_with("secret")

    def signing_with(self, secret: str, clock: ManualClock | None = None) -> AliyunGateway:
        settings = Aliyun(Secret("key"), Secret(secret), self.address)
        return AliyunGateway(settings, self.over, clock or self.clock)

    async def send(self, **changed: object) -> SendResult:
        return await self.gateway.send(a_message(self.clock, **changed), unhindered)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = ManualClock()
    texts = Texts("寄卖行", {"SMS_000000101": TEXT, "SMS_000000102": "谢谢。"})
    standin = AliyunStandIn(SECRETS, texts, now=lambda: clock.now() / SECOND, report_after=0)
    scene = Scene(standin, await standin.start(), clock)
    yield scene
    await scene.over.close()
    await standin.stop()


async def test_what_is_sent_arrives_as_the_vendor_writes_it(scene: Scene) -> None:
    result = await scene.send()
    [message] = scene.standin.messages
    assert result == SendResult(outcome="accepted", message_id=message.biz_id)
    assert (message.number, message.out_id) == ("13900000001", "C1.N1.1")
    assert message.text == "【寄卖行】您好，订单A-1001因余额不足付款未成功。"


ANY_VALUE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=35)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ANY_VALUE, ANY_VALUE, st.from_regex(r"[!-~]{1,136}", fullmatch=True))
async def test_whatever_is_sent_its_signature_holds(scene: Scene, order: str, reason: str, out_id: str) -> None:
    await scene.send(variables={"order": order, "reason": reason}, out_id=out_id)
    assert not {"SignatureDoesNotMatch", "IncompleteSignature"} & set(scene.standin.refused)
    if not scene.standin.refused:
        assert scene.standin.messages[-1].out_id == out_id
    scene.standin.refused.clear()


@pytest.mark.parametrize(
    ("changed", "code", "error_class"),
    [
        ({"signature": "别人"}, "isv.SMS_SIGNATURE_ILLEGAL", ErrorClass.TEMPLATE),
        ({"template": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL", ErrorClass.TEMPLATE),
        ({"variables": {"order": "A-1001"}}, "isv.TEMPLATE_MISSING_PARAMETERS", ErrorClass.TEMPLATE),
        ({"template": "SMS_000000102"}, "isv.TEMPLATE_PARAMS_ILLEGAL", ErrorClass.TEMPLATE),
        ({"variables": {"order": "", "reason": "x"}}, "isv.TEMPLATE_PARAMS_ILLEGAL", ErrorClass.TEMPLATE),
        ({"variables": {"order": "A" * 36, "reason": "x"}}, "isv.PARAM_LENGTH_LIMIT", ErrorClass.TEMPLATE),
        ({"variables": {"order": "www.a.com", "reason": "x"}}, "isv.PARAM_NOT_SUPPORT_URL", ErrorClass.TEMPLATE),
        ({"variables": {"order": 1, "reason": "x"}}, "isv.INVALID_JSON_PARAM", ErrorClass.TEMPLATE),
        ({"number": "+86139"}, "isv.MOBILE_NUMBER_ILLEGAL", ErrorClass.BAD_NUMBER),
    ],
)
async def test_what_the_vendor_refuses_does_not_arrive(
    scene: Scene, changed: dict[str, object], code: str, error_class: ErrorClass
) -> None:
    assert await scene.send(**changed) == SendResult(outcome="rejected", error_class=error_class, code=code)
    assert scene.standin.messages == []


async def test_a_wrong_secret_is_not_let_in(scene: Scene) -> None:
    result = await scene.signing_with("guess").send(a_message(scene.clock), unhindered)
    assert (result.outcome, result.code) == ("rejected", "SignatureDoesNotMatch")


@pytest.mark.parametrize("skew", [-16 * MINUTE, 16 * MINUTE])
async def test_a_clock_that_is_far_off_is_not_let_in(scene: Scene, skew: int) -> None:
    result = await scene.signing_with("secret", ManualClock(scene.clock.at + skew)).send(
        a_message(scene.clock), unhindered
    )
    assert (result.outcome, result.code) == ("rejected", "InvalidTimeStamp.Expired")


async def written(scene: Scene) -> bytes:
    """The bytes of a request, as they would have come."""
    async with FarEnd(Act(http(b"{}"))) as far_end:
        settings = Aliyun(Secret("key"), Secret("secret"), far_end.address)
        await AliyunGateway(settings, scene.over, scene.clock).send(a_message(scene.clock), unhindered)
        return far_end.requests[0]


async def code_for(scene: Scene, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(scene.address.rpartition(":")[2]))
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    [length] = re.findall(rb"Content-Length: (\d+)", head)
    body = json.loads(await reader.readexactly(int(length)))
    writer.close()
    await writer.wait_closed()
    return str(body["Code"])


async def test_a_request_that_comes_twice_is_let_in_once(scene: Scene) -> None:
    request = await written(scene)
    assert await code_for(scene, request) == "OK"
    assert await code_for(scene, request) == "SignatureNonceUsed"
    assert len(scene.standin.messages) == 1


@pytest.mark.parametrize(
    ("theirs", "ours", "code"),
    [
        (b"13900000001", b"13900000002", "SignatureDoesNotMatch"),
        (b"x-acs-action: SendSms", b"x-acs-action: QuerySendDetails", "SignatureDoesNotMatch"),
        (b"x-acs-date: 2025", b"x-acs-date: 2026", "SignatureDoesNotMatch"),
        (b"host;", b"", "IncompleteSignature"),
        (b"Authorization: ", b"Authorisation: ", "IncompleteSignature"),
        (b"Credential=key", b"Credential=keys", "InvalidAccessKeyId.NotFound"),
    ],
)
async def test_what_was_changed_on_the_way_is_not_let_in(scene: Scene, theirs: bytes, ours: bytes, code: str) -> None:
    request = await written(scene)
    assert theirs in request
    assert await code_for(scene, request.replace(theirs, ours)) == code


@pytest.mark.parametrize("how", ["hang", "reset", "close", "truncate"])
@pytest.mark.parametrize("taken", [False, True])
async def test_what_is_in_doubt_can_be_asked_for(
    scene: Scene, how: Literal["hang", "reset", "close", "truncate"], taken: bool
) -> None:
    scene.standin.faults.append(Fault(how=how, taken=taken))
    assert (await scene.send()).outcome == "unknown"
    assert len(scene.standin.messages) == taken
    found = (await scene.gateway.query(a_question(scene.clock))).found
    assert found in (("waiting", "delivered") if taken else ("absent",))


@pytest.mark.parametrize("taken", [False, True])
async def test_a_bad_gateway_tells_nothing(scene: Scene, taken: bool) -> None:
    scene.standin.faults.append(bad_gateway(taken=taken))
    assert await scene.send() == SendResult(outcome="unknown", code="http_502")
    assert len(scene.standin.messages) == taken


async def test_a_fault_befalls_one_request(scene: Scene) -> None:
    scene.standin.faults.append(refusal("isv.AMOUNT_NOT_ENOUGH"))
    scene.standin.faults.append(Fault(how="slow", taken=True, seconds=0.01))
    assert (await scene.send()).error_class is ErrorClass.BALANCE
    assert (await scene.send()).outcome == "accepted"
    assert (await scene.send()).outcome == "accepted"


async def test_what_became_of_it_is_told_when_asked(scene: Scene) -> None:
    scene.standin.fates["13900000001"] = "MOBILE_NOT_ON_SERVICE"
    await scene.send()
    await until(lambda: scene.standin.messages[0].reported_at is not None)
    result = await scene.gateway.query(a_question(scene.clock))
    assert (result.found, result.error_class) == ("failed", ErrorClass.NUMBER_UNAVAILABLE)
    assert result.sent_at == result.reported_at == scene.clock.now()


async def test_details_come_in_pages_the_newest_first(scene: Scene) -> None:
    for number in range(60):
        await scene.send(out_id=f"C1.N{number}.1")
    assert (await scene.gateway.query(a_question(scene.clock))).found in ("waiting", "delivered")  # N1: page 2
    scene.standin.messages.clear()
    assert (await scene.gateway.query(a_question(scene.clock))).found == "absent"


class Receiver:
    """Our end of the pushes: answers with each of ``statuses``, then well."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[str, Any]] = []

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_post("/token/{what}", self._take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/token"

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append((request.match_info["what"], await request.json()))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        return web.json_response({"code": 0, "msg": "成功"})


async def test_reports_are_pushed_until_they_are_answered() -> None:
    receiver = Receiver(503, 200)
    clock = ManualClock()
    async with receiver as callback:
        pushes = AliyunPushes(callback, again=[0.01, 0.02, 0.03], answer_within=30)
        standin = AliyunStandIn(SECRETS, pushes=pushes, now=lambda: clock.now() / SECOND, report_after=0)
        scene = Scene(standin, await standin.start(), clock)
        await scene.send()
        await until(lambda: bool(pushes.tried) and pushes.tried[-1].answered)
        await standin.stop()
        await scene.over.close()
    assert [(tried.status, tried.answered) for tried in pushes.tried] == [(503, False), (200, False), (200, True)]
    assert receiver.got == 3 * [
        (
            "receipts",
            [
                {
                    "phone_number": "13900000001",
                    "send_time": "2025-11-25 00:00:00",
                    "report_time": "2025-11-25 00:00:00",
                    "success": True,
                    "err_code": "DELIVERED",
                    "err_msg": "用户接收成功",
                    "sms_size": "1",
                    "biz_id": standin.messages[0].biz_id,
                    "out_id": "C1.N1.1",
                }
            ],
        )
    ]


async def test_reports_come_a_hundred_at_a_time_at_most(scene: Scene) -> None:
    await scene.send()
    receiver = Receiver()
    async with receiver as callback:
        pushes = AliyunPushes(callback, answer_within=30)
        AliyunStandIn(SECRETS, pushes=pushes).report(scene.standin.messages * 250)
        await until(lambda: len(receiver.got) == 3)
        await pushes.stop()
    assert sorted(len(elements) for _, elements in receiver.got) == [50, 100, 100]


async def test_as_a_process_it_writes_what_arrives_and_does_what_it_is_told(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    shown = {"signature": "寄卖行", "templates": [{"aliyun": {"id": "SMS_000000101"}, "text": TEXT}]}
    rules.write_bytes(msgspec.json.encode(shown))
    receiver = Receiver()
    async with receiver as callback:
        options = ["--key-id", "key", "--key-secret", "secret", "--rules", str(rules), "--callback", callback]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orderbell.standins.aliyun", *options, "--report-after", "0", "--answer-within", "30",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        listening = json.loads(await process.stdout.readline())
        over = Http(SystemClock())
        gateway = AliyunGateway(Aliyun(Secret("key"), Secret("secret"), listening["address"]), over, SystemClock())

        process.stdin.write(b'{"do": "fate", "number": "13900000001", "err_code": "USER_REJECT"}\n')
        process.stdin.write(b'{"do": "fault", "fault": {"how": "answer", "status": 502}}\n')
        process.stdin.write(b'{"do": "reply", "number": "13900000001", "content": "TD"}\n')
        await until(lambda: len(receiver.got) == 1)  # so the commands before it were obeyed too
        request = a_message(ManualClock(SystemClock().now()))
        assert (await gateway.send(request, unhindered)).outcome == "unknown"
        assert (await gateway.send(request, unhindered)).outcome == "accepted"
        message = json.loads(await process.stdout.readline())
        await until(lambda: len(receiver.got) == 2)
        await over.close()
        process.stdin.close()
        assert await process.wait() == 0
    assert listening["is"] == "listening"
    assert (message["is"], message["number"], message["out_id"]) == ("message", "13900000001", "C1.N1.1")
    assert message["text"] == "【寄卖行】您好，订单A-1001因余额不足付款未成功。"
    (first, [reply]), (second, [report]) = receiver.got
    assert (first, reply["phone_number"], reply["content"]) == ("replies", "13900000001", "TD")
    assert (second, report["out_id"], report["success"]) == ("receipts", "C1.N1.1", False)
    assert report["err_code"] == "USER_REJECT"
