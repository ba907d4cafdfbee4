"""The simulated mail server: what it takes, what it refuses, and what whoever hands a mail in can know of that."""

import asyncio
from random import Random
from typing import Any, Literal

import msgspec
import pytest

from schemas.calls import MailRequest, SendResult
from schemas.times import SECOND
from tests.gateways import unhindered
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.mail import MailHost
from tests.simulation.mail_words import NO_MAILBOX
from tests.simulation.plan import Temper
from tests.simulation.tempers import WAYS, tempers
from tests.simulation.world import VirtualClock


class Scene:
    """A mail server in virtual time, and a worker's gateway to it."""

    def __init__(self, temper: Temper, seed: int = 0) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.host = MailHost(seed, temper, self.clock)
        self.loop.servers[self.host.host] = self.host.connect
        self.worker = Process(self.loop)
        self.gateway: Any = None
        self.results: dict[str, SendResult] = {}

    def play(self, seconds: float = 120) -> None:
        """Lets what was begun go on for so long."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    async def hand_in(self, out_id: str, to: str, after: float = 0) -> None:
        """Hands a mail in."""
        await asyncio.sleep(after)
        request = MailRequest(
            to=to,
            subject="订单A-1已取消",
            plain="订单A-1已取消。",
            html="<p>订单A-1已取消。</p>",
            out_id=out_id,
            call_by=self.clock.now() + 5 * SECOND,
        )
        self.results[out_id] = await self.gateway.send(request, unhindered)

    def begin(self, *mails: tuple[str, str, float]) -> None:
        """A worker begins to hand mails in, each by its id, to an address, after so many seconds."""

        async def live() -> None:
            self.gateway = self.host.gateway()
            for mail in mails:
                self.worker.spawn(self.hand_in(*mail))

        self.loop.run_until_complete(self.worker.spawn(live()))


def one(temper: Temper, to: str = "ann@example.com", seed: int = 0) -> Scene:
    """One mail is handed in."""
    scene = Scene(temper, seed)
    scene.begin(("C1.N1.1", to, 0))
    scene.play()
    return scene


def bad(way: str) -> Temper:
    return msgspec.convert({way: 1.0}, Temper)


def test_a_mail_is_taken_and_names_its_order() -> None:
    scene = one(Temper())
    [attempt] = scene.host.attempts
    assert scene.results["C1.N1.1"].outcome == "accepted"
    assert (attempt.out_id, attempt.number, attempt.taken, attempt.answer) == (
        "C1.N1.1",
        "ann@example.com",
        True,
        "yes",
    )
    assert "A-1" in attempt.text


def test_a_mailbox_that_does_not_exist_is_refused_before_the_mail() -> None:
    scene = one(Temper(), f"ann@{NO_MAILBOX}")
    [attempt] = scene.host.attempts
    assert scene.results["C1.N1.1"].error_class == "bad_number"
    assert (attempt.answer, attempt.code, attempt.taken) == ("no", "550 5.1.1", False)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_gateway_says_is_so(seed: int) -> None:
    random = Random(seed)
    scene = Scene(tempers(random, "smtp"), seed)
    scene.begin(*((f"C1.N{n}.1", f"a{n % 3}@example.com", random.uniform(0, 60)) for n in range(12)))
    scene.play()
    found = {attempt.out_id: attempt for attempt in scene.host.attempts}
    for out_id, result in scene.results.items():
        attempt = found.get(out_id)
        said: dict[str, Literal["yes", "no"]] = {"accepted": "yes", "rejected": "no"}
        if result.outcome == "not_sent":
            assert attempt is None
        elif result.outcome == "unknown":
            assert attempt is not None
            assert attempt.answer == "neither"
        else:
            assert attempt is not None
            assert attempt.answer == said[result.outcome]
            assert attempt.taken == (result.outcome == "accepted")


@pytest.mark.parametrize("way", ["hang", "reset", "garbled", "page_after"])
def test_a_mail_without_a_reply_was_taken_or_not(way: str) -> None:
    scenes = [one(bad(way), seed=seed) for seed in range(8)]
    assert {scene.results["C1.N1.1"].outcome for scene in scenes} == {"unknown"}
    taken = {scene.host.attempts[0].taken for scene in scenes}
    assert taken == ({True} if way == "page_after" else {True, False})


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_a_temper_is_survived(way: str) -> None:
    scene = one(bad(way))
    assert "C1.N1.1" in scene.results


def test_what_a_worker_wrote_before_it_died_goes_on() -> None:
    scene = Scene(Temper())
    scene.begin(("C1.N1.1", "ann@example.com", 0))
    while not any(mail.written for mail in scene.host._mails):
        scene.play(0.01)
    scene.worker.kill()
    scene.play()
    [attempt] = scene.host.attempts
    assert attempt.taken
    assert attempt.ended_at is None
    assert not scene.results
