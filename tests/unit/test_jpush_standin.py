"""The stand-in for JPush at the far end, with the real gateway before it."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.gateways.http import Http
from agents.gateways.jpush import JPushGateway
from orderbell.standins.faults import Fault, bad_gateway
from orderbell.standins.jpush.account import CID, PUSH
from orderbell.standins.jpush.faults import refusal
from orderbell.standins.jpush.pushes import JPushPushes
from orderbell.standins.jpush.service import JPushStandIn
from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, HOUR, MILLISECOND, SECOND
from streams.clock import Clock, SystemClock
from streams.settings import JPush, Secret
from tests.clock import START, ManualClock
from tests.gateways import INHERITED, not_sent, unhindered, unknown
from tests.jpush_far_end import DEVICE, KEY, SECRET, a_push, options
from tests.standin_contract import until
from tests.webport import TOKEN, web_port

OTHER = "160a3797c8d7f4a5b6c"


class Scene:
    """A stand-in, and a gateway to it, by one clock."""

    def __init__(self, standin: JPushStandIn, address: str, clock: ManualClock) -> None:
        self.standin = standin
        self.clock = clock
        self.address = address
        self.over = Http(clock, answer_within=300 * MILLISECOND)
        self.gateway = self.by(SECRET)

    def by(self, secret: str) -> JPushGateway:
        return JPushGateway(JPush(KEY, Secret(secret), self.address), self.over, self.clock)

    async def send(self, **changed: Any) -> SendResult:
        return await self.gateway.send(a_push(self.clock, **changed), unhindered)

    async def ask(self, method: str, path: str, body: Any = None, account: str = f"{KEY}:{SECRET}") -> tuple[int, Any]:
        """What is answered to a request of our own making."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        basic = base64.b64encode(account.encode()).decode()
        lines = f"Host: x\r\nAuthorization: Basic {basic}\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.address.rpartition(":")[2]))
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + raw)
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        return int(head.split()[1]), json.loads(answer)

    async def cid(self) -> str:
        _, said = await self.ask("GET", f"{CID}?count=1")
        return str(said["cidlist"][0])


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = ManualClock()
    standin = JPushStandIn({KEY: SECRET}, report_after=0, now=lambda: clock.now() / SECOND)
    scene = Scene(standin, await standin.start(), clock)
    yield scene
    await scene.over.close()
    await standin.stop()


def asked(**changed: Any) -> dict[str, Any]:
    """A push as the vendor's documentation shows it; ``None`` leaves a part out."""
    push = {
        "platform": ["android", "ios"],
        "audience": {"registration_id": [DEVICE]},
        "notification": {"android": {"alert": "Hi", "title": "T", "extras": {"a": 1}}, "ios": {"alert": "Hi"}},
        "options": {"time_to_live": 60},
    }
    return {name: value for name, value in (push | changed).items() if value is not None}


# Taking pushes.


async def test_what_is_sent_arrives(scene: Scene) -> None:
    channels = {"huawei": {"category": "EXPRESS"}}
    result = await scene.send(options=options(channels=channels, open_with="intent:#", channel_id="1"))
    [message] = scene.standin.messages
    assert result == SendResult(outcome="accepted", message_id=message.message_id)
    assert (message.number, message.out_id, message.title) == (DEVICE, "C1.N1.1", "支付失败")
    assert message.text == "订单A-1001因余额不足付款未成功。"
    assert message.extras == {"order_id": "A-1001", "notification_id": "N1"}
    assert (message.classification, message.channels) == (1, channels)


@settings(max_examples=50, suppress_health_check=INHERITED, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128),
    st.lists(st.sampled_from(["android", "ios", "hmos"]), min_size=1, unique=True),
)
async def test_whatever_is_said_is_taken(scene: Scene, title: str, body: str, platforms: list[str]) -> None:
    as_ruled = options(platforms=tuple(platforms), category="EXPRESS")
    result = await scene.send(title=title, body=body, options=as_ruled, shorter={"vivo": body[:9]})
    assert result.outcome == "accepted"
    assert (scene.standin.messages[-1].title, scene.standin.messages[-1].text) == (title, body)


async def test_of_several_devices_those_that_are_there_are_told_under_one_id(scene: Scene) -> None:
    scene.standin.gone.add(OTHER)
    result = await scene.send(devices=(DEVICE, OTHER, "3", DEVICE))
    assert [message.number for message in scene.standin.messages] == [DEVICE, "3"]
    assert {message.message_id for message in scene.standin.messages} == {result.message_id}


async def test_where_no_device_is_left_nobody_is_told(scene: Scene) -> None:
    scene.standin.gone.add(DEVICE)
    assert await scene.send() == SendResult(outcome="rejected", error_class=ErrorClass.BAD_NUMBER, code="1011")
    assert scene.standin.messages == []


@pytest.mark.parametrize("account", [f"{KEY}:guess", f"other:{SECRET}", KEY, ""])
async def test_who_does_not_know_the_secret_is_not_let_in(scene: Scene, account: str) -> None:
    for method, path, body in (("POST", PUSH, asked()), ("GET", CID, None)):
        status, said = await scene.ask(method, path, body, account)
        assert (status, said["error"]["code"]) == (401, 1004)
    refused = await scene.by("guess").send(a_push(scene.clock), unhindered)
    assert refused == SendResult(outcome="rejected", error_class=ErrorClass.CONFIGURATION, code="1004")
    assert scene.standin.messages == []


@pytest.mark.parametrize(("method", "path"), [("GET", PUSH), ("POST", CID), ("PUT", PUSH)])
async def test_each_path_has_its_method(scene: Scene, method: str, path: str) -> None:
    status, said = await scene.ask(method, path, asked())
    assert (status, said["error"]["code"]) == (405, 1001)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 1003),
        (b"{", 1003),
        (b"[]", 1003),
        (asked(platform=None), 1002),
        (asked(audience=None), 1002),
        (asked(notification=None), 1002),
        (asked(platform=[]), 1003),
        (asked(platform=["windows"]), 1003),
        (asked(audience="all"), 1003),
        (asked(audience={"registration_id": []}), 1003),
        (asked(audience={"registration_id": [""]}), 1003),
        (asked(audience={"registration_id": ["a b"]}), 1003),
        (asked(audience={"registration_id": ["1"] * 1001}), 1003),
        (asked(audience={"tag": ["x"]}), 1003),
        (asked(notification={"android": {"alert": "Hi"}}), 1002),
        (asked(notification={"alert": "Hi"}), None),
        (asked(notification={"alert": "Hi", "android": {"title": "T"}}), 1002),
        (asked(notification={"alert": "Hi", "android": {"alert": 1}}), 1003),
        (asked(notification={"alert": "Hi", "android": {"alert": "Hi", "sounds": "x"}}), 1009),
        (asked(notification={"alert": "Hi", "ios": {"alert": "Hi", "content_available": True}}), 1009),
        (asked(notification={"alert": "Hi", "android": {"alert": "Hi", "extras": []}}), 1003),
        (asked(notification={"alert": "Hi", "android": {"alert": "x" * 4000}}), 1005),
        (asked(options={"time_to_live": 864_001}), 1003),
        (asked(options={"time_to_live": "1"}), 1003),
        (asked(options={"classification": 2}), 1003),
        (asked(options={"third_party_channel": {"nokia": {}}}), 1003),
        (asked(callback={"params": "x"}), 1003),
        (asked(callback={"type": 16}), 1003),
        (asked(cid=f"{KEY}-made-up"), 1003),
        (asked(sound="x"), 1003),
        (asked(), None),
    ],
)
async def test_what_is_asked_wrongly_is_refused(scene: Scene, body: Any, code: int | None) -> None:
    status, said = await scene.ask("POST", PUSH, body)
    assert (status, said.get("error", {}).get("code")) == (200 if code is None else 400, code)
    assert len(scene.standin.messages) == (code is None)
    assert scene.standin.refused == ([] if code is None else [str(code)])


# Ids.


async def test_ids_are_given_out_as_many_as_are_asked_for(scene: Scene) -> None:
    _, one = await scene.ask("GET", CID)
    _, many = await scene.ask("GET", f"{CID}?count=1000")
    ids = one["cidlist"] + many["cidlist"]
    assert len(set(ids)) == 1001
    assert all(cid.startswith(f"{KEY}-") for cid in ids)
    for count in ("0", "1001", "x", ""):
        assert (await scene.ask("GET", f"{CID}?count={count}"))[0] == 400


async def test_what_comes_again_under_its_id_goes_once_and_is_answered_the_same(scene: Scene) -> None:
    push = asked(cid=await scene.cid())
    first = await scene.ask("POST", PUSH, push)
    scene.clock.advance(DAY - SECOND)
    assert await scene.ask("POST", PUSH, push) == first
    assert len(scene.standin.messages) == 1
    scene.clock.advance(SECOND)
    assert (await scene.ask("POST", PUSH, push))[0] == 400


async def test_what_was_refused_may_come_again_under_its_id(scene: Scene) -> None:
    push = asked(cid=await scene.cid())
    scene.standin.gone.add(DEVICE)
    assert (await scene.ask("POST", PUSH, push))[0] == 400
    scene.standin.gone.clear()
    assert (await scene.ask("POST", PUSH, push))[0] == 200


async def test_the_gateways_ids_are_good_whenever_it_uses_them(scene: Scene) -> None:
    for _ in range(5):
        assert (await scene.send()).outcome == "accepted"
        scene.clock.advance(11 * HOUR)
    assert len({message.cid for message in scene.standin.messages}) == 5


# Failing.


@pytest.mark.parametrize("how", ["hang", "reset", "close", "truncate"])
@pytest.mark.parametrize("taken", [False, True])
async def test_whose_answer_gets_lost_is_told_once_all_the_same(
    scene: Scene, how: Literal["hang", "reset", "close", "truncate"], taken: bool
) -> None:
    scene.standin.faults.append(Fault(how=how, taken=taken, action=PUSH))
    result = await scene.send()
    [message] = scene.standin.messages
    assert result == SendResult(outcome="accepted", message_id=message.message_id)


@pytest.mark.parametrize("taken", [False, True])
async def test_who_never_answers_leaves_it_in_doubt_and_is_told_once_at_most(scene: Scene, taken: bool) -> None:
    scene.standin.lasting[PUSH] = Fault(how="reset", taken=taken, action=PUSH)
    assert await scene.send() == unknown("reset")
    assert len(scene.standin.messages) == taken
    del scene.standin.lasting[PUSH]
    assert (await scene.send()).outcome == "accepted"


async def test_a_bad_gateway_and_a_trouble_of_the_vendors_are_got_over(scene: Scene) -> None:
    page = bad_gateway(taken=True)
    scene.standin.faults.append(Fault(how="answer", taken=True, action=PUSH, status=502, body=page.body))
    assert (await scene.send()).outcome == "accepted"
    scene.standin.faults.append(refusal(1030, 503))
    assert (await scene.send()).outcome == "accepted"
    assert len(scene.standin.messages) == 2


async def test_a_no_on_demand(scene: Scene) -> None:
    scene.standin.faults.append(refusal(2002, 429))
    assert await scene.send() == SendResult(outcome="rejected", error_class=ErrorClass.RATE_LIMITED, code="2002")
    assert (await scene.send()).outcome == "accepted"


async def test_where_no_ids_are_to_be_had_nothing_goes(scene: Scene) -> None:
    scene.standin.lasting[CID] = refusal(1000, 500, CID)
    assert await scene.send() == not_sent("http_500")
    assert scene.standin.messages == []


async def test_who_is_hidden_refuses_connections_until_it_is_back(scene: Scene) -> None:
    await scene.standin.hide()
    assert await scene.send() == not_sent("connect_failed")
    await scene.standin.start(int(scene.address.rpartition(":")[2]))
    assert (await scene.send()).outcome == "accepted"


# Telling.


async def test_what_it_pushes_is_taken_by_our_web_port(scene: Scene) -> None:
    async with web_port() as port:
        pushes = JPushPushes(f"{port.server.url}/callbacks/jpush/{TOKEN}", (), 30)
        standin = JPushStandIn({KEY: SECRET}, pushes, report_after=0, now=lambda: START / SECOND)
        there = Scene(standin, await standin.start(), scene.clock)
        standin.fates[OTHER] = "31012"
        standin.hushed.add("3")
        await there.send(devices=(DEVICE, OTHER, "3", "4"), options=options(reports=True))
        await until(lambda: len(port.callbacks) == 3)
        standin.touch(DEVICE)
        await there.send(options=options(reports=False))
        await until(lambda: len(port.callbacks) == 5)
        await until(lambda: len(pushes.tried) == 3)
        await standin.stop()
        await there.over.close()
        assert all(tried.answered for tried in pushes.tried)
        without_ours = f"jpush:{standin.messages[-1].message_id}".encode()
        assert sorted(record.key or b"" for record in port.callbacks) == [b"C1.N1.1"] * 4 + [without_ours]
        elements = [json.loads(record.value or b"")["element"] for record in port.callbacks]
        assert [element["callback_type"] for element in elements[:3]] == [1, 4, 1]
        assert elements[1]["error_code"] == "31012"


async def test_reports_that_were_not_asked_for_are_not_pushed(scene: Scene) -> None:
    push = asked(callback={"type": 4})
    await scene.ask("POST", PUSH, push)
    [message] = scene.standin.messages
    scene.standin.report([message])
    assert not scene.standin.wanted(message)
    scene.standin.fates[DEVICE] = "1"
    scene.standin.report([message])
    assert scene.standin.wanted(message)


async def test_as_a_process_it_writes_what_arrives_and_does_what_it_is_told() -> None:
    async with web_port() as port:
        callback = f"{port.server.url}/callbacks/jpush/{TOKEN}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orderbell.standins.jpush", "--key-id", KEY, "--key-secret", SECRET,
            "--callback", callback, "--report-after", "0", "--answer-within", "30",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        listening = json.loads(await process.stdout.readline())
        clock: Clock = SystemClock()
        over = Http(clock)
        gateway = JPushGateway(JPush(KEY, Secret(SECRET), listening["address"]), over, clock)

        def command(**fields: Any) -> None:
            assert process.stdin is not None
            process.stdin.write(json.dumps(fields).encode() + b"\n")

        command(do="gone", number=OTHER)
        command(do="reply", number=DEVICE, content="TD")
        assert b"not a command of this vendor: reply" in await process.stderr.readline()
        now = ManualClock(clock.now())
        assert (await gateway.send(a_push(now, devices=(OTHER,)), unhindered)).code == "1011"
        assert (await gateway.send(a_push(now), unhindered)).outcome == "accepted"
        message = json.loads(await process.stdout.readline())
        await until(lambda: len(port.callbacks) == 1)
        command(do="touch", number=DEVICE)
        await until(lambda: len(port.callbacks) == 2)
        await over.close()
        process.stdin.close()
        assert await process.wait() == 0
    assert (message["is"], message["number"], message["title"]) == ("message", DEVICE, "支付失败")
