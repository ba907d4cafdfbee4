"""The tokens of the stand-in for the WeChat platform: who has one, and how long it lasts."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from orderbell.standins.wechat.account import SEND
from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, MINUTE, SECOND
from tests.unit.wechat_scene import SECRET, Scene, a_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = await a_scene()
    yield scene
    await scene.over.close()
    await scene.standin.stop()


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
