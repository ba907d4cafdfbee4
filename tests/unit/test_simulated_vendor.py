"""The simulation's vendor, with the real gateway before it: cruel, but true to what a real one promises."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from random import Random
from typing import Any, Literal, cast

import msgspec
import pytest

from agents.gateways.gateway import Hindrance, SmsGateway
from agents.gateways.pushed import Format
from schemas.callbacks import What
from schemas.calls import QueryRequest, QueryResult, SendRequest, SendResult
from schemas.rules import SmsProvider
from schemas.times import DAY, SECOND, Micros
from tests.clock import START
from tests.gateways import unhindered
from tests.oracle.evidence import Attempt
from tests.simulation.aliyun import Aliyun
from tests.simulation.deliveries import DEAD_NUMBER
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.manner import BAD_NUMBER, Manner
from tests.simulation.plan import Temper
from tests.simulation.spells import LASTS, LONG
from tests.simulation.tempers import WAYS, tempers
from tests.simulation.tencent import Tencent
from tests.simulation.vendor import Vendor
from tests.simulation.world import VirtualClock

NUMBERS = tuple(f"+861390000{n:04}" for n in range(8))
ASKED = (5, 15, 45, 75)
MANNERS: Mapping[str, Manner] = {"aliyun": Aliyun(), "tencent": Tencent()}
PROVIDERS: tuple[SmsProvider, ...] = ("aliyun", "tencent")
TEMPLATES = {"aliyun": "SMS_000000101", "tencent": "0000101"}
BRIEF = [way for way in WAYS if way not in LONG]


def tempered(chance: float, *ways: str) -> Temper:
    """Bad in these ways, or in all."""
    return msgspec.convert(dict.fromkeys(ways or BRIEF, chance), Temper)


class Scene:
    """A vendor in virtual time, who sends by it, and where its pushes come in."""

    def __init__(self, temper: Temper, seed: int = 0, *statuses: int | None, provider: SmsProvider = "aliyun") -> None:
        self.provider = provider
        self.manner = MANNERS[provider]
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.vendor = Vendor(seed, temper, self.clock, self._push, self.manner)
        self.gateway = cast("SmsGateway", self.vendor.gateway())
        self.statuses = list(statuses)
        self.pushed: list[tuple[Micros, What, list[bytes]]] = []
        self.started: dict[str, Micros] = {}
        self.results: dict[str, SendResult] = {}
        self.answers: list[tuple[str, Micros, QueryResult]] = []

    async def _push(self, pushed: Format, what: What, body: bytes) -> int | None:
        assert pushed is self.manner.pushed
        self.pushed.append((self.clock.now(), what, pushed.pushes[what].packing.apart(body)))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            await asyncio.sleep(3_600)
        return status

    def play(self, acts: Coroutine[Any, Any, object], then: Micros = 4 * DAY) -> None:
        """Lets ``acts`` happen, and what follows from it."""

        async def live() -> None:
            await acts
            await asyncio.sleep(then / SECOND)

        self.loop.run_until_complete(live())
        self.loop.end()
        self.loop.close()
        assert not self.loop.complaints

    async def send(
        self, out_id: str = "C1.N1.1", number: str = NUMBERS[0], hindrance: Hindrance = unhindered
    ) -> SendResult:
        """Sends a message."""
        self.started[out_id] = self.clock.now()
        request = SendRequest(
            number=number,
            signature="寄卖行",
            template=TEMPLATES[self.provider],
            variables={"order": "A-1001", "reason": "余额不足"},
            out_id=out_id,
            call_by=self.clock.now() + 5 * SECOND,
        )
        self.results[out_id] = await self.gateway.send(request, hindrance)
        return self.results[out_id]

    async def send_and_ask(self, out_id: str, number: str) -> None:
        """Sends a message, and asks for it where it is in doubt."""
        if (await self.send(out_id, number)).outcome == "unknown":
            for after in ASKED:
                await asyncio.sleep((self.started[out_id] + after * SECOND - self.clock.now()) / SECOND)
                await self.ask(out_id, number)

    async def ask(self, out_id: str, number: str = NUMBERS[0]) -> QueryResult:
        """Asks what became of a message."""
        asked_at = self.clock.now()
        question = QueryRequest(number=number, out_id=out_id, sent_at=self.started[out_id])
        answer = await self.gateway.query(question)
        self.answers.append((out_id, asked_at, answer))
        return answer

    async def day(self, seed: int, messages: int = 40) -> None:
        """Some messages, about as many as a task has."""
        random = Random(seed)
        sending = []
        for index in range(messages):
            await asyncio.sleep(random.choice((0, 1, 60)) * random.random())
            sending.append(asyncio.ensure_future(self.send_and_ask(f"C1.N{index}.1", random.choice(NUMBERS))))
        await asyncio.gather(*sending)

    def attempt(self, out_id: str = "C1.N1.1") -> Attempt | None:
        """The vendor's knowledge of a message, if it was written."""
        return next((attempt for attempt in self.vendor.attempts if attempt.out_id == out_id), None)


def played(temper: Temper, seed: int = 0, messages: int = 40, provider: SmsProvider = "aliyun") -> Scene:
    scene = Scene(temper, seed, provider=provider)
    scene.play(scene.day(seed, messages))
    return scene


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_gateway_says_is_so(seed: int, provider: SmsProvider) -> None:
    scene = played(tempers(Random(seed), provider), seed, provider=provider)
    for out_id, result in scene.results.items():
        attempt = scene.attempt(out_id)
        if result.outcome == "not_sent":
            assert attempt is None
            continue
        assert attempt is not None
        assert attempt.begun_at < scene.started[out_id] + 5 * SECOND
        assert attempt.ended_at is not None
        assert attempt.ended_at <= attempt.begun_at + 10 * SECOND
        said = {"accepted": ("yes", ""), "rejected": ("no", result.code), "unknown": ("neither", "")}
        assert (attempt.answer, attempt.code) == said[result.outcome]
        assert attempt.taken or result.outcome != "accepted"
        assert not attempt.taken or result.outcome != "rejected"
    for out_id, asked_at, answer in scene.answers:
        attempt = scene.attempt(out_id)
        assert attempt is not None
        if answer.found in ("waiting", "delivered", "failed"):
            assert attempt.taken
        if answer.found == "absent" and asked_at >= scene.started[out_id] + 45 * SECOND:
            assert not attempt.taken


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seed", range(60))
def test_what_it_pushes_can_be_read_and_is_so(seed: int, provider: SmsProvider) -> None:
    scene = played(msgspec.structs.replace(tempers(Random(seed), provider), drops=0, echoes=True), seed, 40, provider)
    reported = {report.out_id: report for report in scene.vendor.reported}
    assert set(reported) == {attempt.out_id for attempt in scene.vendor.attempts if attempt.taken}
    for at, what, elements in scene.pushed:
        assert what == "receipt"
        for element in elements:
            report = scene.manner.pushed.report(element)
            assert report is not None
            if report.delivered is None:
                continue  # no news
            known = reported[report.key]
            assert (report.delivered, report.code) == (known.delivered, None if known.delivered else known.err_code)
            assert report.number == f"+86{known.number}"
            assert known.reported_at <= at
            assert known.answered_at is not None
            assert known.answered_at <= at


@pytest.mark.parametrize("way", BRIEF)
def test_every_way_of_a_temper_shows_and_no_other(way: str) -> None:
    scene = played(tempered(0.5, way), messages=60)
    assert set(scene.vendor.befell) <= {way, "spell"}
    assert scene.vendor.befell[way] >= 10
    assert bool(scene.vendor.disturbances) == (way not in ("early", "again", "fails"))


def test_all_that_can_be_heard_is_heard() -> None:
    words: Counter[str] = Counter()
    for seed in range(30):
        scene = played(tempered(0.15), seed)
        words.update(f"{result.outcome} {result.code}" for result in scene.results.values())
        words.update(answer.found for _, _, answer in scene.answers)
        words.update(
            f"{result.outcome} taken"
            for out_id, result in scene.results.items()
            if (attempt := scene.attempt(out_id)) is not None and attempt.taken
        )
    for word in (
        "accepted None", "not_sent connect_failed", "not_sent connect_timeout", "not_sent dns_failed",
        "unknown timeout", "unknown reset", "unknown truncated", "unknown nonsense", "unknown http_500",
        "unknown http_502", "unknown InternalError", "rejected Throttling", "rejected isv.AMOUNT_NOT_ENOUGH",
        "unknown taken", "absent", "waiting", "delivered", "failed", "unanswered",
    ):  # fmt: skip
        assert words[word], (word, words)


def test_a_perfect_vendor_says_yes_and_reports_soon() -> None:
    scene = played(Temper())
    assert {result.outcome for result in scene.results.values()} == {"accepted"}
    assert all(report.delivered for report in scene.vendor.reported)
    assert len(scene.pushed) == len(scene.vendor.reported) == 40
    assert (scene.vendor.disturbances, scene.vendor.befell) == ([], Counter())


def test_a_run_can_be_repeated_and_what_befalls_a_message_hangs_on_nothing_else() -> None:
    temper = tempered(0.15)
    first, second, longer = played(temper, 7), played(temper, 7), played(temper, 7, messages=50)
    assert first.vendor.attempts == second.vendor.attempts
    assert first.vendor.reported == second.vendor.reported
    assert first.vendor.attempts == [
        attempt for attempt in longer.vendor.attempts if attempt.out_id in {a.out_id for a in first.vendor.attempts}
    ]


async def written(scene: Scene) -> None:
    """Returns when something was."""
    while not scene.vendor.attempts:  # noqa: ASYNC110  # the vendor has no reason to tell
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("how", ["dead", "frozen"])
def test_what_was_written_goes_on_without_whoever_wrote_it(how: str) -> None:
    scene = Scene(Temper())

    async def lives() -> None:
        process = Process(scene.loop)
        process.spawn(scene.send())
        await written(scene)
        process.kill() if how == "dead" else process.freeze()

    scene.play(lives())
    attempt = scene.attempt()
    assert attempt is not None
    assert attempt.taken
    assert attempt.answer == "neither"
    [report] = scene.vendor.reported
    assert report.answered_at is not None


def test_a_worker_that_was_frozen_while_it_connected_writes_nothing() -> None:
    scene = Scene(Temper())

    async def lives() -> None:
        process = Process(scene.loop)
        process.spawn(scene.send())
        await asyncio.sleep(0)
        process.freeze()
        await asyncio.sleep(6)
        process.wake()

    scene.play(lives())
    assert scene.results["C1.N1.1"].code == "too_late"
    assert scene.vendor.attempts == []


def test_what_stands_in_the_way_is_looked_at_when_the_connection_is_there() -> None:
    scene = Scene(Temper())
    looked_at: list[Micros] = []

    def look() -> Literal["opted_out"]:
        looked_at.append(scene.clock.now())
        return "opted_out"

    scene.play(scene.send(hindrance=look))
    assert scene.results["C1.N1.1"].code == "opted_out"
    assert looked_at
    assert looked_at[0] > START
    assert scene.vendor.attempts == []


@pytest.mark.parametrize(
    ("statuses", "tried_at", "answered_at"),
    [
        ((), [0], 0),
        ((503, None, 200), [0, 60, 300], 300),
        ((503, 0, 500, 404), [0, 60, 300, 600], None),
    ],
)
def test_a_push_is_repeated_until_it_is_answered_or_given_up(
    statuses: tuple[int | None, ...], tried_at: list[int], answered_at: int | None
) -> None:
    scene = Scene(Temper(), 0, *statuses)

    async def reply() -> None:
        scene.vendor.reply(NUMBERS[1], "TD")

    scene.play(reply())
    first = scene.pushed[0][0]
    assert [(at - first) // SECOND for at, _, _ in scene.pushed] == tried_at
    [replied] = scene.vendor.replied
    assert (replied.number, replied.content, replied.said_at) == ("13900000001", "TD", START)
    assert replied.answered_at == (None if answered_at is None else first + answered_at * SECOND)
    assert {what for _, what, _ in scene.pushed} == {"reply"}
    for _, _, [element] in scene.pushed:
        assert scene.manner.pushed.reply(bytes(element)) == (NUMBERS[1], "TD", START)


def test_some_numbers_are_bad_for_ever() -> None:
    scene = Scene(Temper())

    async def send() -> None:
        assert (await scene.send("C1.N1.1", f"+861390000{BAD_NUMBER}")).code == "isv.MOBILE_NUMBER_ILLEGAL"
        assert (await scene.send("C1.N2.1", f"+861390000{DEAD_NUMBER}")).outcome == "accepted"

    scene.play(send())
    assert [attempt.taken for attempt in scene.vendor.attempts] == [False, True]
    assert [report.err_code for report in scene.vendor.reported] == ["INVALID_NUMBER"]


def test_in_a_bad_spell_nearly_nothing_goes_well() -> None:
    scene = Scene(Temper(refuse=0.3))

    async def days() -> None:
        for index in range(2_000):
            await scene.send(f"C1.N{index}.1")
            await asyncio.sleep(120)

    scene.play(days())
    spans: dict[Micros, list[str]] = {}
    for out_id, result in scene.results.items():
        spans.setdefault(scene.started[out_id] // LASTS, []).append(result.outcome)
    bad = [span for span, outcomes in spans.items() if outcomes.count("accepted") <= len(outcomes) * 0.2]
    assert 0.02 < len(bad) / len(spans) < 0.06


def test_tempers_differ() -> None:
    made = [tempers(Random(seed)) for seed in range(300)]
    assert Temper(skew=0) in made
    for way in WAYS:
        chances = {getattr(temper, way) for temper in made}
        assert {0, 0.3} <= chances
