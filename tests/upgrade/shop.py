"""One partition of every task on the log in memory, with two vendors whose moods a test sets."""

import asyncio
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, Literal, cast

import msgspec

from agents.worker import build
from schemas.calls import ErrorClass, QueryResult, SendResult
from schemas.opt_outs import Scope
from schemas.times import SECOND, Micros
from streams import topics
from streams.engine.memory_log import MemoryKafka, MemoryLogs
from streams.engine.surroundings import Surroundings
from streams.engine.task import AnyTask, Task
from streams.engine.turn import Record
from streams.operators.sending.calls import SendCall
from streams.policy.opt_outs import Hasher
from tests.callbacks import stored
from tests.clock import ManualClock
from tests.driver import rfc3339
from tests.unit.rules import RULES

Mood = Literal["takes it", "hangs", "takes it and hangs", "takes it and is silent", "drops it", "is busy"]
_STEP: Micros = SECOND
_LOOKS = 8
_ROUNDS = 8
"""How often each task looks at its clock in a step, and how long it gets each time to act on it: more than the longest
way from an event to a message takes."""


class _Watcher:
    """Keeps why an incarnation failed; whatever else it is told it lets pass."""

    def __init__(self) -> None:
        self.failures: list[str] = []

    def failed(self, task: str, partition: int, error: str) -> None:
        self.failures.append(f"{task}: {error}")

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


class _Ledger:
    """Nobody has opted out."""

    def stopped(self, number: str) -> bool:
        return False

    def stopped_marketing(self, number: str) -> bool:
        return False

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        return False

    def fresh(self, now: Micros) -> bool:
        return True


class Shop:
    """``rung``: each message that a vendor took, as its number and the id that came with it."""

    def __init__(self, now: Micros) -> None:
        self.clock = ManualClock(now)
        self.kafka = MemoryKafka(self.clock)
        self.watcher = _Watcher()
        self.moods: dict[tuple[str | None, str], Mood] = {}
        """By vendor, or ``None`` for each of them, and number; what is not in here is taken."""
        self.rung: list[tuple[str, str]] = []
        self.asked: list[Any] = []
        """Every question, as a vendor was asked it."""
        self._tasks: list[AnyTask] = []

    # The worker.

    def start(self) -> None:
        """A worker takes over."""
        progress = SimpleNamespace(customers_known_until=self.clock.now)
        gateways = cast("Any", dict.fromkeys(("aliyun", "tencent")))
        kinds = build(_Ledger(), progress, gateways, Hasher("secret"), self.clock, 1).kinds
        around: Surroundings[Any] = Surroundings(self.clock, SimpleNamespace(current=RULES), self.watcher)
        for kind in kinds:
            logs, perform = MemoryLogs(self.kafka), self._perform
            task = Task(kind, 0, logs, perform, around, settle_seconds=0, rebalancing=lambda: False)
            self._tasks.append(task)

    async def kill(self) -> None:
        """As with kill -9: nothing is finished, no call goes on."""
        for task in self._tasks:
            task._job.cancel()
            task._calls.abandon()
        await asyncio.wait([task._job for task in self._tasks])
        self._tasks = []

    async def live(self, by: Micros, step: Micros = _STEP) -> None:
        """So much time passes."""
        until = self.clock.now() + by
        while self.clock.now() < until:
            self.clock.advance(min(step, until - self.clock.now()))
            for _ in range(_LOOKS):
                for task in self._tasks:
                    task.wake()
                for _ in range(_ROUNDS):
                    await asyncio.sleep(0)

    # Upstream.

    async def publish(self, topic: str, key: str, value: dict[str, Any] | None) -> None:
        """One record from upstream."""
        await self.kafka.publish(topic, key.encode(), None if value is None else msgspec.json.encode(value))

    async def customer(self, name: str, *phones: str) -> None:
        """A customer with a contact for each number."""
        contacts = [{"contact_id": f"k{n}", "role": "buyer", "phone": phone} for n, phone in enumerate(phones)]
        profile = {"customer_id": name, "tier": "regular", "contacts": contacts}
        await self.publish("customers", name, profile)

    async def order(self, name: str, kind: str, **fields: Any) -> None:
        """An event of the customer's only order, now."""
        order = {"order_id": f"A-{name}", "customer_id": name}
        await self.publish("orders", f"A-{name}", _event(kind, name, self.clock.now()) | order | fields)

    async def parcel(self, name: str, kind: str, at: Micros, **fields: Any) -> None:
        """An event of the customer's only parcel, published when it occurred."""
        value = _event(kind, name, at) | {"tracking_no": f"T-{name}"} | fields
        await self.kafka.publish("logistics", f"T-{name}".encode(), msgspec.json.encode(value), at)

    # The vendors.

    async def _perform(self, call: Any) -> SendResult | QueryResult:
        request = call.request
        if not isinstance(call, SendCall):
            self.asked.append(request)
            listed = call.asked_at >= request.sent_at + 45 * SECOND and (request.number, request.out_id) in self.rung
            return (
                QueryResult(found="waiting", message_id=f"m-{request.out_id}")
                if listed
                else QueryResult(found="absent")
            )
        mood = self.moods.get((call.provider, request.number), self.moods.get((None, request.number), "takes it"))
        if mood.startswith("takes"):
            self.rung.append((request.number, request.out_id))
        if mood.endswith("hangs"):
            await asyncio.get_running_loop().create_future()
        if mood == "takes it":
            return SendResult(outcome="accepted", message_id=f"m-{request.out_id}")
        if mood == "is busy":
            return SendResult(outcome="rejected", error_class=ErrorClass.RETRY_LATER, code="isp.SYSTEM_ERROR")
        return SendResult(outcome="unknown", code="timeout")

    async def report(self, provider: str, element: dict[str, Any]) -> None:
        """A vendor's delivery report, as the web port stores it."""
        await self.kafka.publish("provider-callbacks", None, stored("receipt", element, self.clock.now(), provider))

    # What was written.

    def written(self, topic: topics.Topic) -> list[dict[str, Any]]:
        """The values of a topic, read."""
        return [msgspec.json.decode(record.value or b"null") for record in self.kafka.records(topic.name)]

    def ended(self, name: str) -> tuple[str, str]:
        """How the one command of a customer ended: outcome and reason."""
        (decision,) = (d for d in self.written(topics.DECISIONS) if d["customer_id"] == name)
        return decision["outcome"], decision["reason"]

    def records(self) -> Iterable[Record]:
        """All records of all topics; of the changelogs what compaction leaves."""
        for topic in topics.TOPICS:
            records = self.kafka.records(topic.name)
            newest = {record.key: record.offset for record in records} if topic.name.endswith("-changelog") else None
            yield from (r for r in records if newest is None or newest[r.key] == r.offset)


def _event(kind: str, name: str, at: Micros) -> dict[str, Any]:
    return {"event_id": f"{kind.replace('.', '-')}-{name}", "type": kind, "occurred_at": rfc3339(at)}
