"""The stand-in for the WeChat platform at the far end, with the real gateway before it."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest

from agents.gateways.wechat import client_msg_id
from orderbell.standins.faults import Fault, bad_gateway
from orderbell.standins.wechat.account import SEND, TOKEN
from orderbell.standins.wechat.faults import refusal
from schemas.calls import ErrorClass, SendResult
from schemas.times import MINUTE
from tests.gateways import not_sent, unknown
from tests.unit.wechat_scene import OTHER, TEMPLATE, Scene, a_scene
from tests.wechat_far_end import OPENID


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


# Faults.


async def test_a_fault_befalls_one_request_of_its_path(scene: Scene) -> None:
    scene.standin.faults.append(refusal(45009))
    scene.standin.faults.append(refusal(-1, TOKEN))
    assert (await scene.send()).error_class is ErrorClass.RETRY_LATER
    assert (await scene.send()).error_class is ErrorClass.DAY_LIMIT
    assert (await scene.send()).outcome == "accepted"
