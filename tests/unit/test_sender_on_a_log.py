"""The sender in the engine, on the log in memory: workers die at any point, and each telephone rings once."""

import asyncio
from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from schemas.calls import ErrorClass, QueryResult, SendRequest, SendResult
from schemas.times import MINUTE, SECOND
from streams import topics
from streams.engine.memory_log import MemoryKafka, MemoryLogs
from streams.engine.surroundings import Surroundings
from streams.engine.task import AnyTask, Task
from streams.operators.sending.calls import QueryCall, SendCall
from tests.clock import ManualClock
from tests.driver import NOON, rfc3339
from tests.sending import Post
from tests.unit.rules import RULES

CUSTOMERS = 12


class Silent:
    """A watcher that looks away."""

    def turn(self, *_: Any) -> None: ...
    def state(self, *_: Any) -> None: ...
    def size(self, *_: Any) -> None: ...
    def left(self, *_: Any) -> None: ...
    def halted(self, *_: Any) -> None: ...
    def lost(self, *_: Any) -> None: ...
    def lag(self, *_: Any) -> None: ...
    def taken_over(self, *_: Any) -> None: ...
    def behind(self, *_: Any) -> None: ...
    def rebalanced(self) -> None: ...
    def failed(self, *_: Any) -> None: ...


class Vendor:
    """Takes messages, loses answers, and tells the truth from 45 s on."""

    def __init__(self, dice: Random, clock: ManualClock) -> None:
        self._dice = dice
        self._clock = clock
        self.rung: list[tuple[str, str]] = []
        """Each message that was taken: the number and the id that came with it."""

    async def perform(self, call: SendCall[SendRequest] | QueryCall) -> SendResult | QueryResult:
        await self._some_time()
        if isinstance(call, QueryCall):
            known = call.request.out_id in [out_id for _, out_id in self.rung]
            late = call.asked_at >= call.request.sent_at + 45 * SECOND
            return QueryResult(found="waiting" if known and late else "absent")
        if self._clock.now() >= call.request.call_by:
            return SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code="too_late")
        chance = self._dice.random()
        if chance < 0.2:
            return SendResult(outcome="rejected", error_class=ErrorClass.RETRY_LATER, code="isp.SYSTEM_ERROR")
        if chance < 0.3:
            return SendResult(outcome="unknown", code="timeout")
        self.rung.append((call.request.number, call.request.out_id))
        await self._some_time()
        if chance < 0.4:
            return SendResult(outcome="unknown", code="timeout")
        return SendResult(outcome="accepted", message_id=f"m-{call.request.out_id}")

    async def _some_time(self) -> None:
        for _ in range(self._dice.randrange(6)):
            await asyncio.sleep(0)


class World:
    """One partition, and one worker after another; one step in twelve fails."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.clock = ManualClock(NOON)
        self.kafka = MemoryKafka(self.clock)
        self.vendor = Vendor(self.dice, self.clock)
        post = Post()
        post.known.now = self.clock.now
        self.kind = post.kind
        self.tasks: list[AnyTask] = []
        self.start()

    def start(self) -> None:
        around: Surroundings[Any] = Surroundings(self.clock, SimpleNamespace(current=RULES), Silent())
        logs = MemoryLogs(self.kafka, self._step)
        perform = self.vendor.perform
        self.tasks.append(Task(self.kind, 0, logs, perform, around, settle_seconds=0, rebalancing=lambda: False))

    async def _step(self, _: str) -> None:
        await asyncio.sleep(0)
        if self.dice.random() < 0.08:
            raise ConnectionError

    async def kill(self) -> None:
        """As with kill -9: nothing is finished, no call goes on."""
        task = self.tasks.pop()
        task._job.cancel()
        task._calls.abandon()
        await asyncio.wait([task._job])

    async def publish(self, topic: str, key: str, value: dict[str, Any]) -> None:
        await self.kafka.publish(topic, key.encode(), msgspec.json.encode(value))

    def written(self, topic: topics.Topic) -> list[dict[str, Any]]:
        return [msgspec.json.decode(record.value or b"") for record in self.kafka.records(topic.name)]

    async def live(self, by: int) -> None:
        """A moment passes."""
        self.clock.advance(by)
        for _ in range(self.dice.randrange(40)):
            for task in self.tasks:
                task.wake()
            await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(12))
async def test_each_command_ends_once_and_each_telephone_rings_once_whatever_dies(seed: int) -> None:
    world = World(seed)
    for number in range(CUSTOMERS):
        customer, phone = f"c{number}", f"139000000{number:02}"
        contact = {"contact_id": "k0", "role": "buyer", "phone": phone}
        profile = {"customer_id": customer, "tier": "regular", "contacts": [contact]}
        await world.publish(topics.PROFILES.name, customer, profile)
        await world.publish(topics.COMMANDS.name, customer, command(number, world.clock.now()))
        await world.live(SECOND)
        if world.dice.random() < 0.5:
            await world.kill()
            world.start()
    async with asyncio.timeout(60):
        while len(world.written(topics.DECISIONS)) < CUSTOMERS:
            await world.live(world.dice.choice((SECOND // 10, SECOND, 20 * SECOND)))
            if world.dice.random() < 0.05:
                await world.kill()
                world.start()
            elif world.dice.random() < 0.05:
                world.start()  # the former owner doesn't know yet that there is a new one
    await asyncio.gather(*(task.stop() for task in world.tasks))

    decisions = world.written(topics.DECISIONS)
    assert Counter(d["command_id"] for d in decisions) == {f"n{number}": 1 for number in range(CUSTOMERS)}
    rung = Counter(number for number, _ in world.vendor.rung)
    assert set(rung.values()) <= {1}
    for decision in decisions:
        phone = f"+86139000000{int(decision['order_id'][1:]):02}"
        assert decision["outcome"] in ("sent", "failed")
        assert (decision["outcome"] == "sent") <= rung[phone]
        assert (decision["outcome"] == "sent") or decision["reason"] == "in_doubt"
    receipts = world.written(topics.RECEIPTS)
    assert set(Counter(receipt["receipt_id"] for receipt in receipts).values()) == {1}
    assert not world.written(topics.DEAD_LETTERS)


def command(number: int, now: int) -> dict[str, Any]:
    return {
        "command_id": f"n{number}",
        "action": "notify",
        "kind": "payment_failed",
        "subject": f"A{number}:payment_failed",
        "audience": "buyer",
        "urgency": "urgent",
        "customer_id": f"c{number}",
        "order_id": f"A{number}",
        "facts": {"reason": "card_error"},
        "event_id": f"e{number}",
        "occurred_at": rfc3339(now),
        "detected_at": rfc3339(now),
        "notify_by": rfc3339(now + 5 * MINUTE),
        "rules": "r",
    }
