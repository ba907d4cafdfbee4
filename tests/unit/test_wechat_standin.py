"""The stand-in for the WeChat platform at the far end, with the real gateway before it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from aiohttp import web

from agents.gateways.http import Http
from agents.gateways.wechat import WechatGateway, client_msg_id
from orderbell.commands.rules import shown
from orderbell.standins.faults import Fault, bad_gateway
from orderbell.standins.wechat import fields
from orderbell.standins.wechat.account import SEND, TOKEN
from orderbell.standins.wechat.faults import refusal
from orderbell.standins.wechat.pushes import WechatPushes
from orderbell.standins.wechat.service import WechatStandIn
from orderbell.standins.wechat.templates import Templates
from schemas.calls import CardRequest, ErrorClass, SendResult
from schemas.times import DAY, MILLISECOND, MINUTE, SECOND
from streams.clock import Clock, SystemClock
from streams.policy.case import Case
from streams.policy.wechat import card
from streams.settings import Secret, Wechat
from tests.clock import START, ManualClock
from tests.gateways import not_sent, unhindered, unknown
from tests.standin_contract import until
from tests.unit.rules import RULES
from tests.webport import TOKEN as CALLBACK_TOKEN
from tests.webport import Port, web_port
from tests.wechat_far_end import OPENID, a_card

APP, SECRET = "wx6e543ad0", "app-secret"
TEMPLATE = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
OTHER = "oia2TjuEGTNoeX76QEjQNrcURxG8"
CHOSEN = {TEMPLATE: ("character_string1", "phrase2"), "const": ("const1", "thing2")}


class Scene:
    """A stand-in, and a gateway to it, by one clock."""

    def __init__(self, standin: WechatStandIn, address: str, clock: ManualClock) -> None:
        self.standin = standin
        self.clock = clock
        self.address = address
        self.over = Http(clock, answer_within=300 * MILLISECOND)
        self.gateway = self.by(SECRET)

    def by(self, secret: str, app: str = APP) -> WechatGateway:
        return WechatGateway(Wechat(app, Secret(secret), self.address), self.over, self.clock)

    async def send(self, gateway: WechatGateway | None = None, **changed: object) -> SendResult:
        return await (gateway or self.gateway).send(a_card(self.clock, **changed), unhindered)

    async def ask(self, path: str, body: Any, method: str = "POST") -> dict[str, Any]:
        """What is answered to a request of our own making."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        lines = f"Host: x\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.address.rpartition(":")[2]))
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + raw)
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        assert head.startswith(b"HTTP/1.1 200 ")
        return dict(json.loads(answer))

    async def token(self, **changed: Any) -> dict[str, Any]:
        asked = {"grant_type": "client_credential", "appid": APP, "secret": SECRET} | changed
        return await self.ask(TOKEN, {name: value for name, value in asked.items() if value is not None})

    async def posted(self, **changed: Any) -> dict[str, Any]:
        """A message as the vendor's documentation shows it; ``None`` leaves a part out."""
        data = {"character_string1": {"value": "A1"}, "phrase2": {"value": "余额不足"}}
        message = {"touser": OPENID, "template_id": TEMPLATE, "data": data, "client_msg_id": "MSG_000001"} | changed
        token = (await self.token())["access_token"]
        body = {name: value for name, value in message.items() if value is not None}
        return await self.ask(f"{SEND}?access_token={token}", body)


async def a_scene(**options: Any) -> Scene:
    clock = ManualClock()
    templates = Templates(CHOSEN, consts=["付款失败"])
    standin = WechatStandIn(APP, SECRET, templates, report_after=0, now=lambda: clock.now() / SECOND, **options)
    return Scene(standin, await standin.start(), clock)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = await a_scene()
    yield scene
    await scene.over.close()
    await scene.standin.stop()


# Taking messages.


async def test_what_is_sent_arrives(scene: Scene) -> None:
    result = await scene.send(url="https://m.example.cn/A-1001")
    [message] = scene.standin.messages
    assert result == SendResult(outcome="accepted", message_id=message.message_id)
    assert (message.number, message.template, message.url) == (OPENID, TEMPLATE, "https://m.example.cn/A-1001")
    assert message.fields == {"character_string1": "A-1001", "phrase2": "余额不足"}
    assert message.client_msg_id == client_msg_id("C1.N1.1")


@pytest.mark.parametrize(
    ("changed", "code", "error_class"),
    [
        ({"openid": "o1"}, 40003, ErrorClass.BAD_NUMBER),
        ({"openid": OPENID[:-1] + "*"}, 40003, ErrorClass.BAD_NUMBER),
        ({"template": "unknown"}, 40037, ErrorClass.TEMPLATE),
        ({"template": ""}, 40036, ErrorClass.TEMPLATE),
        ({"fields": {"character_string1": "A1"}}, 47003, ErrorClass.TEMPLATE),
        ({"fields": {"character_string1": "订单", "phrase2": "余额不足"}}, 47003, ErrorClass.TEMPLATE),
        ({"fields": {"character_string1": "A1", "phrase2": ""}}, 47003, ErrorClass.TEMPLATE),
        ({"fields": {"character_string1": "A1", "phrase2": "OK"}}, 47003, ErrorClass.TEMPLATE),
        ({"template": "const", "fields": {"const1": "别的", "thing2": "皮包"}}, 47003, ErrorClass.TEMPLATE),
        ({"template": "const", "fields": {"const1": "付款失败", "thing2": "优惠皮包"}}, 40249, ErrorClass.CONTENT),
    ],
)
async def test_what_the_vendor_refuses_does_not_arrive(
    scene: Scene, changed: dict[str, Any], code: int, error_class: ErrorClass
) -> None:
    assert await scene.send(**changed) == SendResult(outcome="rejected", error_class=error_class, code=str(code))
    assert scene.standin.messages == []
    assert scene.standin.refused == [str(code)]


async def test_only_what_was_approved_may_stand_where_that_is_asked(scene: Scene) -> None:
    sent = await scene.send(template="const", fields={"const1": "付款失败", "thing2": "皮包"})
    assert sent.outcome == "accepted"


async def test_who_follows_no_more_and_who_refuses_gets_nothing(scene: Scene) -> None:
    scene.standin.leave(OPENID)
    scene.standin.account.refusing.add(OTHER)
    assert (await scene.send()).code == "43004"
    assert (await scene.send(openid=OTHER)).code == "43101"
    assert scene.standin.messages == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"client_msg_id": "4b5ad488-e0b3-4dca-b61e-9ae4c33503ed"}, 45067),
        ({"client_msg_id": 7}, 45067),
        ({"touser": None}, 40003),
        ({"data": None}, 47003),
        ({"data": []}, 47003),
        ({"data": {"character_string1.DATA": {"value": "A1"}, "phrase2": {"value": "余额不足"}}}, 47003),
        ({"data": {"character_string1": "A1", "phrase2": "余额不足"}}, 47003),
    ],
)
async def test_what_is_asked_for_wrongly_is_refused(scene: Scene, changed: dict[str, Any], code: int) -> None:
    assert (await scene.posted(**changed))["errcode"] == code


@pytest.mark.parametrize(
    ("body", "code"), [(b"{", 47001), (b"[]", 47001), (b'{"touser":"\\u4e2d"}', 40033), (b'"\xff"', 47001)]
)
async def test_what_is_no_json_or_escaped_is_refused(scene: Scene, body: bytes, code: int) -> None:
    token = (await scene.token())["access_token"]
    assert (await scene.ask(f"{SEND}?access_token={token}", body))["errcode"] == code


async def test_each_path_has_its_method(scene: Scene) -> None:
    assert (await scene.ask(TOKEN, b"", "GET"))["errcode"] == 43002
    assert (await scene.ask("/cgi-bin/token", b""))["errcode"] == 40066


# The same again.


@pytest.mark.parametrize("minutes", [0, 9])
@pytest.mark.parametrize(("duplicates", "answer"), [("answered", 0), ("refused", 40241)])
async def test_of_messages_with_one_id_one_arrives_within_ten_minutes(
    minutes: int, duplicates: Literal["answered", "refused"], answer: int
) -> None:
    scene = await a_scene(duplicates=duplicates)
    first = await scene.posted()
    scene.clock.advance(minutes * MINUTE)
    again = await scene.posted()
    assert again["errcode"] == answer
    assert again.get("msgid", first["msgid"]) == first["msgid"]
    assert len(scene.standin.messages) == 1
    assert (await scene.posted(touser=OTHER))["errcode"] == 0
    assert (await scene.posted(client_msg_id=None))["errcode"] == 0
    scene.clock.advance(10 * MINUTE)
    assert (await scene.posted())["errcode"] == 0
    assert len(scene.standin.messages) == 4
    await scene.over.close()
    await scene.standin.stop()


@pytest.mark.parametrize("duplicates", ["answered", "refused"])
@pytest.mark.parametrize("how", ["hang", "reset", "close", "truncate"])
@pytest.mark.parametrize("taken", [False, True])
async def test_a_message_whose_answer_was_lost_arrives_once(
    how: Literal["hang", "reset", "close", "truncate"], taken: bool, duplicates: Literal["answered", "refused"]
) -> None:
    scene = await a_scene(duplicates=duplicates)
    scene.standin.faults.append(Fault(how=how, taken=taken, action=SEND))
    result = await scene.send()
    [message] = scene.standin.messages
    known = None if taken and duplicates == "refused" else message.message_id
    assert result == SendResult(outcome="accepted", message_id=known)
    await scene.over.close()
    await scene.standin.stop()


@pytest.mark.parametrize("taken", [False, True])
async def test_where_no_answer_comes_at_all_it_is_in_doubt(scene: Scene, taken: bool) -> None:
    scene.standin.lasting[SEND] = Fault(how="reset", taken=taken, action=SEND)
    assert await scene.send() == unknown("reset")
    assert len(scene.standin.messages) == taken
    scene.standin.lasting[SEND] = bad_gateway(taken=False)
    assert await scene.send(out_id="C1.N1.2") == unknown("http_502")


async def test_who_is_hidden_refuses_connections_until_it_is_back(scene: Scene) -> None:
    await scene.standin.hide()
    assert await scene.send() == not_sent("connect_failed")
    await scene.standin.start(int(scene.address.rpartition(":")[2]))
    assert (await scene.send()).outcome == "accepted"


# Tokens.


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret": "guess"}, 40125),
        ({"secret": None}, 41004),
        ({"secret": ""}, 41004),
        ({"appid": "wx0"}, 40013),
        ({"appid": None}, 41002),
        ({"grant_type": "authorization_code"}, 40002),
    ],
)
async def test_who_is_not_the_account_gets_no_token(scene: Scene, changed: dict[str, Any], code: int) -> None:
    assert (await scene.token(**changed))["errcode"] == code


async def test_a_wrong_secret_and_a_wrong_account_are_not_let_in(scene: Scene) -> None:
    for gateway, code in ((scene.by("guess"), "40125"), (scene.by(SECRET, "wx0"), "40013")):
        result = await scene.send(gateway)
        assert result == SendResult(outcome="rejected", error_class=ErrorClass.CONFIGURATION, code=code)
    assert scene.standin.messages == []


async def test_asking_changes_no_token_but_in_its_last_five_minutes(scene: Scene) -> None:
    first = await scene.token()
    assert first["expires_in"] == 7200
    scene.clock.advance(6899 * SECOND)
    assert await scene.token() == {"access_token": first["access_token"], "expires_in": 301}
    scene.clock.advance(SECOND)
    second = await scene.token()
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    for token, seconds, code in ((first, 0, None), (second, 0, None), (first, 300, 42001), (second, 0, None)):
        scene.clock.advance(seconds * SECOND)
        answer = await scene.ask(f"{SEND}?access_token={token['access_token']}", b"{}")
        assert (answer["errcode"] == code) == (code is not None)


async def test_a_forced_refresh_ends_the_token_now_and_then(scene: Scene) -> None:
    first = (await scene.token())["access_token"]
    second = (await scene.token(force_refresh=True))["access_token"]
    assert second != first
    assert (await scene.ask(f"{SEND}?access_token={first}", b"{}"))["errcode"] == 40001
    assert (await scene.token(force_refresh=True))["access_token"] == second  # too soon
    seen = {second}
    for _ in range(30):
        scene.clock.advance(30 * SECOND)
        seen.add((await scene.token(force_refresh=True))["access_token"])
    assert len(seen) == 20
    scene.clock.advance(DAY)
    assert (await scene.token(force_refresh=True))["access_token"] not in seen


@pytest.mark.parametrize(("query", "code"), [("", 41001), ("?access_token=", 41001), ("?access_token=x", 40014)])
async def test_without_a_token_nothing_is_taken(scene: Scene, query: str, code: int) -> None:
    assert (await scene.ask(f"{SEND}{query}", b"{}"))["errcode"] == code


async def test_a_token_that_somebody_ended_is_replaced_and_nothing_is_lost(scene: Scene) -> None:
    assert (await scene.send()).outcome == "accepted"
    scene.standin.account.tokens.end_all()
    assert (await scene.send(out_id="C1.N1.2")).outcome == "accepted"
    assert scene.standin.refused == ["40001"]


async def test_two_workers_do_not_end_each_others_token_for_hours(scene: Scene) -> None:
    gateways = scene.by(SECRET), scene.by(SECRET)
    for step in range(100):
        for worker, gateway in enumerate(gateways):
            assert (await scene.send(gateway, out_id=f"C1.N{step}.{worker + 1}")).outcome == "accepted"
        scene.clock.advance(7 * MINUTE)
    assert scene.standin.refused == []
    assert len(scene.standin.messages) == 200


async def test_a_token_may_be_short_lived() -> None:
    scene = await a_scene(lasts=60)
    for step in range(20):
        assert (await scene.send(out_id=f"C1.N{step}.1")).outcome == "accepted"
        scene.clock.advance(7 * SECOND)
    assert scene.standin.refused == []
    await scene.over.close()
    await scene.standin.stop()


# Faults.


async def test_a_fault_befalls_one_request_of_its_path(scene: Scene) -> None:
    scene.standin.faults.append(refusal(45009))
    scene.standin.faults.append(refusal(-1, TOKEN))
    assert (await scene.send()).error_class is ErrorClass.RETRY_LATER
    assert (await scene.send()).error_class is ErrorClass.DAY_LIMIT
    assert (await scene.send()).outcome == "accepted"


# Telling.


class Receiver:
    """Our end of the pushes: answers with each of ``statuses``, then well."""

    def __init__(self, *statuses: int, answer: str = "success") -> None:
        self.answer = answer
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], str]] = []

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_post("/callbacks/wechat/{token}", self._take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/callbacks/wechat/AAAAA"

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.query), await request.text()))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(text=self.answer if status == 200 else "", status=status)


async def test_events_are_pushed_until_they_are_answered() -> None:
    receiver = Receiver(503)
    async with receiver as callback:
        pushes = WechatPushes(callback, (0.01, 0.02), answer_within=30, now=lambda: 1_714_037_059)
        scene = await a_scene(pushes=pushes)
        await scene.send()
        await until(lambda: bool(pushes.tried) and pushes.tried[-1].answered)
        await scene.standin.stop()
        await scene.over.close()
    assert [(tried.status, tried.answered) for tried in pushes.tried] == [(503, False), (200, True)]
    first, again = receiver.got
    assert (
        first[1]
        == again[1]
        == (
            "<xml>\n<ToUserName><![CDATA[gh_7f083739789a]]></ToUserName>\n"
            f"<FromUserName><![CDATA[{OPENID}]]></FromUserName>\n<CreateTime>{START // SECOND}</CreateTime>\n"
            "<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>\n"
            f"<MsgID>{scene.standin.messages[0].msgid}</MsgID>\n<Status><![CDATA[success]]></Status>\n</xml>"
        )
    )
    assert first[0] == {  # the example of the vendor's documentation
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }


async def test_what_is_answered_otherwise_is_not_answered() -> None:
    async with Receiver(answer="ok") as callback:
        pushes = WechatPushes(callback, (), answer_within=30)
        scene = await a_scene(pushes=pushes)
        await scene.send()
        await until(lambda: len(pushes.tried) == 1)
        await scene.standin.stop()
        await scene.over.close()
    assert not pushes.tried[0].answered


async def _told_to(port: Port, pushes: WechatPushes, *fates: str | None) -> list[bytes | None]:
    scene = await a_scene(pushes=pushes)
    for number, fate in enumerate(fates):
        scene.standin.fates[OPENID] = fate
        await scene.send(out_id=f"C1.N{number}.1")
    scene.standin.leave(OTHER)
    events = len([fate for fate in fates if fate is not None]) + 1
    await until(lambda: len(pushes.tried) == events)
    await scene.standin.stop()
    await scene.over.close()
    assert all(tried.answered for tried in pushes.tried)
    assert {b"wechat:" + str(message.msgid).encode() for message in scene.standin.messages} >= {
        record.key for record in port.callbacks
    }
    return [record.value for record in port.callbacks]


async def test_what_it_pushes_is_taken_by_our_web_port() -> None:
    async with web_port() as port:
        pushes = WechatPushes(f"{port.server.url}/callbacks/wechat/{CALLBACK_TOKEN}", ())
        stored = await _told_to(port, pushes, "", "user block", None)
        assert len(stored) == 2  # of two messages; that somebody left concerns none
        assert [b"failed:user block" in (value or b"") for value in stored] in ([False, True], [True, False])


async def test_an_account_with_another_token_is_not_heard() -> None:
    async with web_port() as port:
        pushes = WechatPushes(f"{port.server.url}/callbacks/wechat/{CALLBACK_TOKEN}", (), token="another")
        scene = await a_scene(pushes=pushes)
        await scene.send()
        await until(lambda: len(pushes.tried) == 1)
        await scene.standin.stop()
        await scene.over.close()
        assert (pushes.tried[0].status, port.callbacks) == (404, [])


async def test_no_event_comes_of_who_is_hushed() -> None:
    receiver = Receiver()
    async with receiver as callback:
        pushes = WechatPushes(callback, (), answer_within=30)
        scene = await a_scene(pushes=pushes)
        scene.standin.hushed.add(OPENID)
        await scene.send()
        await scene.send(openid=OTHER)
        await until(lambda: len(pushes.tried) == 1)
        await scene.standin.stop()
        await scene.over.close()
    [(_, event)] = receiver.got
    assert OTHER in event


async def test_what_was_said_of_a_message_first_holds(scene: Scene) -> None:
    await scene.send()
    await until(lambda: scene.standin.messages[0].reported_at is not None)
    scene.clock.advance(MINUTE)
    scene.standin.fates[OPENID] = "user block"
    scene.standin.report(scene.standin.messages)
    assert scene.standin.messages[0].report()["Status"] == "success"
    assert scene.standin.messages[0].reported_at == START // SECOND


# As a process.


def _of_defaults(tmp_path: Path) -> Path:
    rules = tmp_path / "rules.json"
    rules.write_bytes(msgspec.json.encode(shown(RULES)))
    return rules


async def test_as_a_process_it_writes_what_arrives_and_does_what_it_is_told(tmp_path: Path) -> None:
    receiver = Receiver()
    told = card(Case("payment_failed", "A-1001", {"reason": "card_error"}, START), RULES)
    assert told is not None
    async with receiver as callback:
        options = ["--key-id", APP, "--key-secret", SECRET, "--rules", str(_of_defaults(tmp_path))]
        options += ["--callback", callback, "--report-after", "0", "--answer-within", "30"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orderbell.standins.wechat", *options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        listening = json.loads(await process.stdout.readline())
        clock: Clock = SystemClock()
        over = Http(clock)
        gateway = WechatGateway(Wechat(APP, Secret(SECRET), listening["address"]), over, clock)

        def command(**fields: Any) -> None:
            assert process.stdin is not None
            process.stdin.write(json.dumps(fields).encode() + b"\n")

        def request(out_id: str, openid: str = OPENID) -> CardRequest:
            return CardRequest(
                openid=openid,
                template=told.provider_template,
                fields=told.fields,
                url=told.url,
                out_id=out_id,
                call_by=clock.now() + 5 * SECOND,
            )

        command(do="fate", number=OPENID, err_code="user block")
        command(do="fault", fault={"how": "answer", "status": 502, "action": SEND})
        command(do="gone", number=OTHER)
        await until(lambda: len(receiver.got) == 1)  # so the commands before it were obeyed too
        assert (await gateway.send(request("C1.N1.1"), unhindered)).outcome == "accepted"  # at the second post
        assert (await gateway.send(request("C1.N1.2", OTHER), unhindered)).code == "43004"
        message = json.loads(await process.stdout.readline())
        await until(lambda: len(receiver.got) == 2)
        await over.close()
        process.stdin.close()
        assert await process.wait() == 0
    assert listening["is"] == "listening"
    assert (message["is"], message["number"], message["fields"]) == ("message", OPENID, dict(told.fields))
    assert "unsubscribe" in receiver.got[0][1]
    assert "failed:user block" in receiver.got[1][1]


# The rules for fields.


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("thing1", ["皮包", "A-1 皮包，" + "好" * 13], ["", " ", "好" * 21, "a\nb", "👜" * 11]),
        ("character_string2", ["A-1001", "a" * 32, "No. 7"], ["订单", "", "a" * 33, "a\n", "A…"]),
        ("number3", ["7", "7.5"], ["", "七", "７", "-1", "1" * 33]),
        ("phrase4", ["已取消", "银行卡异常"], ["", "OK", "已取消了订单", "已 取"]),
        ("const5", ["", "已取消"], ["好" * 21]),
        (
            "time6",
            ["15:01", "2019年10月1日 15:01", "2019-10-01 15:01:09", "15:01~16:01"],
            ["", "2019年10月1日", "25:01", "2019年13月1日 15:01", "soon"],
        ),
        (
            "date7",
            ["2019年10月1日", "2019年10月1日 15:01", "2019-10-01~2019-10-02"],
            ["15:01", "10月1日", "2019年2月30日"],
        ),
        ("amount8", ["¥88.50", "¥88", "￥1.12元"], ["88.50", "88.5元", "¥12345678901", "¥123456789.01", "五元"]),
        ("thing", [], ["x"]),
        ("keyword1", [], ["x"]),
    ],
)
def test_a_field_takes_what_its_type_allows(name: str, good: list[str], bad: list[str]) -> None:
    for value in good:
        assert fields.refuse({name: {"value": value}}, None, None) is None, value
    for value in bad:
        assert fields.refuse({name: {"value": value}}, None, None) is not None, value
