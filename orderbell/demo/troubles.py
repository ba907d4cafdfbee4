"""What may be broken in a demo that stays, and mended again."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from orderbell.demo import newer
from orderbell.demo.daily import CARRIER, Daily
from orderbell.demo.stage import Stage
from orderbell.demo.worker import Worker
from orderbell.standins.aliyun.faults import refusal
from orderbell.standins.faults import Fault, bad_gateway

_SEND = "SendSms"


class Trouble(NamedTuple):
    """One of them. ``alerts``: what Prometheus says of it, and after how long, with a scrape every five seconds."""

    name: str
    what: str
    alerts: Sequence[str]
    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]


class Troubles:
    """All that there are; ``there`` names those that were begun and not ended."""

    def __init__(self, stage: Stage, daily: Daily, workers: Sequence[Worker], broker: str) -> None:
        self._stage = stage
        self._daily = daily
        self._workers = workers
        self._broker = broker
        self.there: set[str] = set()
        self.known = {trouble.name: trouble for trouble in self._all()}

    async def begin(self, name: str) -> None:
        """Breaks something."""
        await self.known[name].begin()
        self.there.add(name)

    async def end(self, name: str) -> None:
        """Mends it."""
        await self.known[name].end()
        self.there.discard(name)

    def _all(self) -> Sequence[Trouble]:
        return (
            Trouble(
                "aliyun",
                "Aliyun answers every call with 502",
                ("OrderbellProviderFailing after 4 min", "OrderbellBreakerOpen after 6 min"),
                lambda: self._aliyun(bad_gateway(taken=False)),
                lambda: self._aliyun(None),
            ),
            Trouble(
                "account",
                "our account at Aliyun is empty",
                ("OrderbellBalanceLow within 15 s",),
                lambda: self._aliyun(refusal("isv.AMOUNT_NOT_ENOUGH")),
                lambda: self._aliyun(None),
            ),
            Trouble(
                "feed",
                f"no parcel is heard of any more (all are of the carrier {CARRIER})",
                (
                    "OrderbellStormHolding after 3 min",
                    "OrderbellFeedSilent after 36 min, where it was well for 15 min before",
                ),
                lambda: self._feed(there=False),
                lambda: self._feed(there=True),
            ),
            Trouble(
                "partition",
                f"a newer version had partition {newer.PARTITION} of the parcels, and left what this one can't read",
                (
                    "OrderbellTakeoversFail after 30 s",
                    "OrderbellWatchBehind after 3 min",
                    "OrderbellTasksNotRecovered after 5 min",
                ),
                lambda: newer.takes_over(self._broker),
                lambda: newer.leaves_nothing(self._broker),
            ),
            Trouble(
                "worker",
                f"{self._workers[-1].name} is killed (SIGKILL), and not started again",
                ("OrderbellWorkerDown after 2 min",),
                self._workers[-1].kill,
                self._start_those_that_ended,
            ),
        )

    async def _aliyun(self, fault: Fault | None) -> None:
        self.there -= {"aliyun", "account"}  # the stand-in has one lasting fault at a time
        self._stage.lasting("aliyun", _SEND, fault)

    async def _feed(self, *, there: bool) -> None:
        self._daily.feed = there

    async def _start_those_that_ended(self) -> None:
        for worker in self._workers:
            if worker.pid is None:
                await worker.start()
