"""What every vendor's stand-in must keep, with the real gateway before it: that they speak of the same things."""

import asyncio
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Http
from orderbell.standins.faults import Fault, bad_gateway
from orderbell.standins.pushes import Pushes
from orderbell.standins.service import SmsStandIn
from schemas.calls import ErrorClass, SendResult
from schemas.times import MILLISECOND, SECOND, Micros
from streams.clock import Clock, SystemClock
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http
from tests.gateways import INHERITED, NUMBER, a_message, a_question, unhindered
from tests.webport import HASHER, TOKEN, web_port

TEXT = "您好，订单${order}因${reason}付款未成功。"
ARRIVED = "【寄卖行】您好，订单A-1001因余额不足付款未成功。"
SIGNATURE = "寄卖行"


class StandInVendor(ABC):
    """What the suite needs of a vendor.

    ``number`` is +8613900000001 as the vendor writes it, ``template`` the id of ``TEXT`` and ``plain`` that of
    ``谢谢。``, ``skew`` how far a clock may be off. ``waiting`` and ``absent``: what it says, asked about a message
    before its report, and about none. ``expected`` is the answer to a push, ``options`` are those that only its
    process has.
    """

    name: str
    number: str
    template: str
    plain: str
    wrong_secret: str
    skew: Micros
    too_old: str
    poor: str
    unreachable: str
    waiting: str
    absent: str
    expected: str
    options: tuple[str, ...]

    @abstractmethod
    def standin(self, now: Callable[[], float], pushes: Pushes | None, report_after: float) -> SmsStandIn[Any]: ...

    @abstractmethod
    def pushes(self, callback: str, again: tuple[float, ...]) -> Pushes: ...

    @abstractmethod
    def gateway(self, address: str, secret: str, over: Http, clock: Clock) -> SmsGateway: ...

    @abstractmethod
    def refusal(self, code: str) -> Fault: ...

    @abstractmethod
    def report(self, message: Any) -> dict[str, Any]: ...

    @abstractmethod
    def reply(self, content: str) -> dict[str, Any]: ...

    @abstractmethod
    def replies(self, *replies: dict[str, Any]) -> Any: ...

    @abstractmethod
    def shown(self) -> dict[str, Any]: ...


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  # several of these have nobody who could set an event
            await asyncio.sleep(0.005)


class Scene:
    """A stand-in, and gateways to it, by one clock."""

    def __init__(self, vendor: StandInVendor, standin: SmsStandIn[Any], address: str, clock: ManualClock) -> None:
        self.vendor = vendor
        self.standin = standin
        self.clock = clock
        self.address = address
        self.over = Http(clock, answer_within=300 * MILLISECOND)
        self.gateway = self.signing_with("secret")

    def signing_with(self, secret: str, clock: ManualClock | None = None) -> SmsGateway:
        return self.vendor.gateway(self.address, secret, self.over, clock or self.clock)

    async def send(self, **changed: object) -> SendResult:
        message = a_message(self.clock, **({"template": self.vendor.template} | changed))
        return await self.gateway.send(message, unhindered)

    async def found(self) -> str:
        return (await self.gateway.query(a_question(self.clock))).found

    async def written(self) -> bytes:
        """The bytes of a request, as they would have come."""
        async with FarEnd(Act(http(b"{}"))) as far_end:
            gateway = self.vendor.gateway(far_end.address, "secret", self.over, self.clock)
            await gateway.send(a_message(self.clock, template=self.vendor.template), unhindered)
            return far_end.requests[0]

    async def body_for(self, request: bytes) -> Any:
        """What is answered to the bytes of a request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.address.rpartition(":")[2]))
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        writer.close()
        await writer.wait_closed()
        return body


class Receiver:
    """Our end of the pushes: answers with each of ``statuses``, then well."""

    def __init__(self, expected: str, *statuses: int) -> None:
        self.expected = expected
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
            return web.json_response({}, status=self.statuses.pop(0))
        return web.Response(text=self.expected, content_type="application/json")


ANY_VALUE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=35)


class StandInContract:
    """Inherit this with a fixture ``vendor``."""

    @pytest.fixture
    async def scene(self, vendor: StandInVendor) -> AsyncIterator[Scene]:
        clock = ManualClock()
        standin = vendor.standin(lambda: clock.now() / SECOND, None, 0)
        scene = Scene(vendor, standin, await standin.start(), clock)
        yield scene
        await scene.over.close()
        await standin.stop()

    # Taking messages.

    async def test_what_is_sent_arrives_as_the_vendor_writes_it(self, scene: Scene) -> None:
        result = await scene.send()
        [message] = scene.standin.messages
        assert result == SendResult(outcome="accepted", message_id=message.message_id)
        assert (message.number, message.out_id, message.text) == (scene.vendor.number, "C1.N1.1", ARRIVED)

    async def test_a_text_without_variables_arrives_too(self, scene: Scene) -> None:
        assert (await scene.send(template=scene.vendor.plain, variables={})).outcome == "accepted"
        assert scene.standin.messages[0].text == "【寄卖行】谢谢。"

    @settings(max_examples=50, suppress_health_check=INHERITED, deadline=None)
    @given(ANY_VALUE, ANY_VALUE, st.from_regex(r"[!-~]{1,136}", fullmatch=True))
    async def test_whatever_is_sent_its_signature_holds(
        self, scene: Scene, order: str, reason: str, out_id: str
    ) -> None:
        await scene.send(variables={"order": order, "reason": reason}, out_id=out_id)
        assert not [code for code in scene.standin.refused if "Signature" in code or "Auth" in code]
        if not scene.standin.refused:
            assert scene.standin.messages[-1].out_id == out_id
        scene.standin.refused.clear()

    async def test_a_wrong_secret_is_not_let_in(self, scene: Scene) -> None:
        guessing = scene.signing_with("guess")
        result = await guessing.send(a_message(scene.clock), unhindered)
        assert result == SendResult(
            outcome="rejected", error_class=ErrorClass.CONFIGURATION, code=scene.vendor.wrong_secret
        )
        assert scene.standin.messages == []
        assert (await guessing.query(a_question(scene.clock))).found == "unanswered"

    @pytest.mark.parametrize("ahead", [-1, 1])
    async def test_a_clock_that_is_far_off_is_not_let_in(self, scene: Scene, ahead: int) -> None:
        for off, outcome in ((scene.vendor.skew, "accepted"), (scene.vendor.skew + SECOND, "rejected")):
            clock = ManualClock(scene.clock.at + ahead * off)
            message = a_message(scene.clock, template=scene.vendor.template)
            result = await scene.signing_with("secret", clock).send(message, unhindered)
            assert result.outcome == outcome
        assert result.code == scene.vendor.too_old

    async def test_what_was_changed_on_the_way_is_not_let_in(self, scene: Scene) -> None:
        request = await scene.written()
        assert b"000000101" in request
        await scene.body_for(request.replace(b"000000101", b"000000102"))
        assert scene.standin.refused == [scene.vendor.wrong_secret]

    # Failing.

    @pytest.mark.parametrize("how", ["hang", "reset", "close", "truncate"])
    @pytest.mark.parametrize("taken", [False, True])
    async def test_what_is_in_doubt_can_be_asked_for(
        self, scene: Scene, how: Literal["hang", "reset", "close", "truncate"], taken: bool
    ) -> None:
        scene.standin.faults.append(Fault(how=how, taken=taken))
        assert (await scene.send()).outcome == "unknown"
        assert len(scene.standin.messages) == taken
        if taken:
            assert await scene.found() in (scene.vendor.waiting, "delivered")
            await until(lambda: scene.standin.messages[0].reported_at is not None)
        assert await scene.found() == ("delivered" if taken else scene.vendor.absent)

    async def test_before_its_report_a_message_is_told_of_as_the_vendor_does(self, scene: Scene) -> None:
        scene.standin.fates[scene.vendor.number] = None
        await scene.send()
        assert await scene.found() == scene.vendor.waiting

    @pytest.mark.parametrize("taken", [False, True])
    async def test_a_bad_gateway_tells_nothing(self, scene: Scene, taken: bool) -> None:
        scene.standin.faults.append(bad_gateway(taken=taken))
        assert await scene.send() == SendResult(outcome="unknown", code="http_502")
        assert len(scene.standin.messages) == taken

    async def test_a_fault_befalls_one_request(self, scene: Scene) -> None:
        scene.standin.faults.append(scene.vendor.refusal(scene.vendor.poor))
        scene.standin.faults.append(Fault(how="slow", taken=True, seconds=0.01))
        assert await scene.send() == SendResult(
            outcome="rejected", error_class=ErrorClass.BALANCE, code=scene.vendor.poor
        )
        assert (await scene.send()).outcome == "accepted"
        assert (await scene.send()).outcome == "accepted"

    async def test_a_lasting_fault_befalls_all_requests_until_it_is_taken_away(self, scene: Scene) -> None:
        scene.standin.lasting["SendSms"] = scene.vendor.refusal(scene.vendor.poor)
        for _ in range(3):
            assert (await scene.send()).error_class is ErrorClass.BALANCE
        assert await scene.found() == scene.vendor.absent
        del scene.standin.lasting["SendSms"]
        assert (await scene.send()).outcome == "accepted"

    async def test_who_is_hidden_refuses_connections_until_it_is_back(self, scene: Scene) -> None:
        await scene.standin.hide()
        refused = await scene.send()
        assert (refused.outcome, refused.error_class) == ("not_sent", ErrorClass.UNREACHABLE)
        await scene.standin.start(int(scene.address.rpartition(":")[2]))
        assert (await scene.send()).outcome == "accepted"

    async def test_a_report_that_gets_lost_can_be_asked_for(self, vendor: StandInVendor) -> None:
        receiver, clock = Receiver(vendor.expected), ManualClock()
        async with receiver as callback:
            standin = vendor.standin(lambda: clock.now() / SECOND, vendor.pushes(callback, ()), 0)
            scene = Scene(vendor, standin, await standin.start(), clock)
            standin.hushed.add(vendor.number)
            await scene.send()
            await until(lambda: standin.messages[0].reported_at is not None)
            assert await scene.found() == "delivered"
            await standin.stop()
            await scene.over.close()
        assert receiver.got == []

    @pytest.mark.parametrize("number", ["*", "named"])
    async def test_a_carrier_may_drop_whatever_the_vendor_took(self, scene: Scene, number: str) -> None:
        scene.standin.fates[scene.vendor.number if number == "named" else number] = scene.vendor.unreachable
        await scene.send()
        await until(lambda: scene.standin.messages[0].reported_at is not None)
        assert scene.standin.messages[0].err_code == scene.vendor.unreachable

    # Telling.

    async def test_what_became_of_it_is_told_when_asked(self, scene: Scene) -> None:
        scene.standin.fates[scene.vendor.number] = scene.vendor.unreachable
        await scene.send()
        await until(lambda: scene.standin.messages[0].reported_at is not None)
        result = await scene.gateway.query(a_question(scene.clock))
        assert (result.found, result.code) == ("failed", scene.vendor.unreachable)
        assert result.error_class is ErrorClass.NUMBER_UNAVAILABLE
        assert result.reported_at == scene.clock.now()

    async def test_reports_are_pushed_until_they_are_answered(self, vendor: StandInVendor) -> None:
        receiver = Receiver(vendor.expected, 503, 200)
        clock = ManualClock()
        async with receiver as callback:
            pushes = vendor.pushes(callback, (0.01, 0.02, 0.03))
            standin = vendor.standin(lambda: clock.now() / SECOND, pushes, 0)
            scene = Scene(vendor, standin, await standin.start(), clock)
            await scene.send()
            await until(lambda: bool(pushes.tried) and pushes.tried[-1].answered)
            await standin.stop()
            await scene.over.close()
        assert [(tried.status, tried.answered) for tried in pushes.tried] == [(503, False), (200, False), (200, True)]
        assert receiver.got == 3 * [("receipts", [vendor.report(standin.messages[0])])]

    async def test_reports_come_a_hundred_at_a_time_at_most(self, vendor: StandInVendor, scene: Scene) -> None:
        await scene.send()
        receiver = Receiver(vendor.expected)
        async with receiver as callback:
            pushes = vendor.pushes(callback, ())
            vendor.standin(lambda: scene.clock.now() / SECOND, pushes, 0).report(scene.standin.messages * 250)
            await until(lambda: len(receiver.got) == 3)
            await pushes.stop()
        assert sorted(len(elements) for _, elements in receiver.got) == [50, 100, 100]

    async def test_replies_are_pushed_as_the_vendor_packs_them(self, vendor: StandInVendor) -> None:
        receiver = Receiver(vendor.expected)
        async with receiver as callback:
            pushes = vendor.pushes(callback, ())
            clock = ManualClock()
            standin = vendor.standin(lambda: clock.now() / SECOND, pushes, 0)
            standin.reply(vendor.number, "TD")
            await until(lambda: len(pushes.tried) == 1)
            await pushes.stop()
        assert receiver.got == [("replies", vendor.replies(vendor.reply("TD")))]
        assert pushes.tried[0].answered

    async def test_what_it_pushes_is_taken_by_our_web_port(self, vendor: StandInVendor) -> None:
        clock = ManualClock()
        async with web_port() as port:
            pushes = vendor.pushes(f"{port.server.url}/callbacks/{vendor.name}/{TOKEN}", ())
            standin = vendor.standin(lambda: clock.now() / SECOND, pushes, 0)
            scene = Scene(vendor, standin, await standin.start(), clock)
            await scene.send()
            standin.reply(vendor.number, "TD")
            await until(lambda: len(pushes.tried) == 2)
            await standin.stop()
            await scene.over.close()
            port.read_ledger()
            assert all(tried.answered for tried in pushes.tried)
            assert {record.key for record in port.callbacks} == {b"C1.N1.1", HASHER(NUMBER).encode()}
            assert port.ledger.stopped(NUMBER)

    async def test_as_a_process_it_writes_what_arrives_and_does_what_it_is_told(
        self, vendor: StandInVendor, tmp_path: Path
    ) -> None:
        rules = tmp_path / "rules.json"
        rules.write_bytes(msgspec.json.encode(vendor.shown()))
        receiver = Receiver(vendor.expected)
        async with receiver as callback:
            options = ["--key-id", "key", "--key-secret", "secret", "--rules", str(rules), "--callback", callback]
            options += ["--report-after", "0", "--answer-within", "30", *vendor.options]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", f"orderbell.standins.{vendor.name}", *options,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            listening = json.loads(await process.stdout.readline())
            over = Http(SystemClock())
            gateway = vendor.gateway(listening["address"], "secret", over, SystemClock())

            def command(**fields: Any) -> None:
                assert process.stdin is not None
                process.stdin.write(json.dumps(fields).encode() + b"\n")

            command(do="fate", number=vendor.number, err_code=vendor.unreachable)
            command(do="fault", fault={"how": "answer", "status": 502})
            command(do="hush", number="+8613900000009")
            command(do="last", action="SendSms", fault={"how": "hang"})
            command(do="last", action="SendSms", fault=None)
            command(do="reply", number=vendor.number, content="TD")
            await until(lambda: len(receiver.got) == 1)  # so the commands before it were obeyed too
            request = a_message(ManualClock(SystemClock().now()), template=vendor.template)
            assert (await gateway.send(request, unhindered)).outcome == "unknown"
            assert (await gateway.send(request, unhindered)).outcome == "accepted"
            message = json.loads(await process.stdout.readline())
            await until(lambda: len(receiver.got) == 2)
            await over.close()
            process.stdin.close()
            assert await process.wait() == 0
        assert listening["is"] == "listening"
        assert (message["is"], message["number"], message["out_id"]) == ("message", vendor.number, "C1.N1.1")
        assert message["text"] == ARRIVED
        (first, replies), (second, [report]) = receiver.got
        assert (first, second) == ("replies", "receipts")
        assert "TD" in json.dumps(replies)
        assert vendor.unreachable in report.values()
