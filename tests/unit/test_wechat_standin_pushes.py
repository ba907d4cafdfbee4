"""What the stand-in for the WeChat platform tells of messages: to whom it is pushed, and until when."""

from collections.abc import AsyncIterator

import pytest

from orderbell.standins.wechat.pushes import WechatPushes
from schemas.times import MINUTE, SECOND
from tests.clock import START
from tests.standin_contract import until
from tests.unit.wechat_scene import OTHER, Receiver, Scene, a_scene
from tests.webport import TOKEN as CALLBACK_TOKEN
from tests.webport import Port, web_port
from tests.wechat_far_end import OPENID


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = await a_scene()
    yield scene
    await scene.over.close()
    await scene.standin.stop()


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
