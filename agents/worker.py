"""The worker: everything that one process runs, wired in one place.

``build`` makes what acts (the kinds of tasks and the calls they start) from what it is given, so a test or a simulation
makes the same with other parts. ``Worker`` runs it on Kafka: the web port first, so that it answers while all else is
still coming up, then the topics, the followers, the group.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import structlog

from agents import customers, inventory, orders, receipts, sender, shipments
from agents.beats import Beats
from agents.calling import Caller
from agents.cluster import Cluster, ensure_topics
from agents.durable_writer import KafkaWriter
from agents.gateways.aliyun import AliyunGateway
from agents.gateways.dry_run import DryRunGateway, DryRunSmsGateway
from agents.gateways.gateway import AnyGateway, SmsGateway
from agents.gateways.http import Http
from agents.gateways.jpush import JPushGateway
from agents.gateways.smtp import SmtpGateway
from agents.gateways.tencent import TencentGateway
from agents.gateways.wechat import WechatGateway
from agents.gateways.wechat_callbacks import fits
from agents.ledger import Ledger
from agents.progress import ProfileProgress
from agents.rules_source import RulesSource
from agents.tasks import Tasks
from agents.web.callbacks import Callbacks
from agents.web.health import Health
from agents.web.intake import Intake
from agents.web.server import Web, WebServer
from schemas.rules import SmsProvider
from streams import topics
from streams.clock import Clock
from streams.engine.faust_seam import Membership
from streams.engine.kafka_log import KafkaLogs
from streams.engine.surroundings import Surroundings
from streams.engine.task_kind import TaskKind
from streams.errors import Unavailable
from streams.metrics import Metrics
from streams.operators.ports import OptOuts, Progress
from streams.policy.opt_outs import Hasher
from streams.settings import Settings
from streams.zeroes import zeroes

log = structlog.get_logger()

GROUP = "orderbell"
SESSION_SECONDS = 10.0
HEARTBEAT_SECONDS = 1.0
_LOOK_EVERY = 0.5
_LONGEST_PAUSE = 10.0
_JOINS_WITHIN = 60.0
_LEAVES_WITHIN = 60.0
"""Seconds after which Faust is given up: it may wait for ever on either way."""
_UNHURRIED = ("receipts",)
"""The tasks that nobody waits for: what vendors report comes seconds after a message, if not hours."""
_OTHERS = ("jpush", "wechat", "smtp")
"""The providers of all channels but text messages and the inbox."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What acts in a worker."""

    kinds: tuple[TaskKind[Any, Any], ...]
    caller: Caller


def build(
    opt_outs: OptOuts,
    progress: Progress,
    gateways: Mapping[str, AnyGateway],
    hasher: Hasher,
    clock: Clock,
    partitions: int,
    slots: int = sender.SLOTS,
) -> Parts:
    """Makes the kinds of tasks and what does their calls.

    ``partitions``: how many senders share a provider's rate; ``slots``: how many calls each has under way at once.
    """
    kinds = (
        orders.kind(),
        shipments.kind(),
        customers.kind(),
        inventory.kind(),
        sender.kind(opt_outs, progress, tuple(gateways), hasher, partitions, slots),
        receipts.kind(),
    )
    return Parts(kinds, Caller(gateways, opt_outs, clock))


def _gateways(settings: Settings, http: Http, clock: Clock) -> dict[str, AnyGateway]:
    """Those whose credentials are set. In a dry run none of them is called, so with no credentials all are there."""
    sms = _sms_gateways(settings, http, clock)
    others = _other_gateways(settings, http, clock)
    if not settings.dry_run:
        return {**sms, **others}
    log.warning("dry_run", says="no message is sent but to test numbers", test_numbers=len(settings.dry_run_numbers))
    all_sms, all_others = (sms, others) if sms or others else (get_args(SmsProvider), _OTHERS)
    return {
        **{name: DryRunSmsGateway(name, sms.get(name), settings.dry_run_numbers) for name in all_sms},
        **{name: DryRunGateway[Any](name) for name in all_others},
    }


def _sms_gateways(settings: Settings, http: Http, clock: Clock) -> dict[str, SmsGateway]:
    gateways: dict[str, SmsGateway] = {}
    if settings.aliyun is not None:
        gateways["aliyun"] = AliyunGateway(settings.aliyun, http, clock)
    if settings.tencent is not None:
        gateways["tencent"] = TencentGateway(settings.tencent, http, clock)
    return gateways


def _other_gateways(settings: Settings, http: Http, clock: Clock) -> dict[str, AnyGateway]:
    gateways: dict[str, AnyGateway] = {}
    if settings.jpush is not None:
        gateways["jpush"] = JPushGateway(settings.jpush, http, clock)
    if settings.wechat is not None:
        gateways["wechat"] = WechatGateway(settings.wechat, http, clock)
    if settings.smtp_url is not None and settings.mail_from is not None:
        gateways["smtp"] = SmtpGateway(settings.smtp_url, settings.mail_from, clock)
    return gateways


def _look_at_token(settings: Settings) -> None:
    """Says that what becomes of cards can't be heard, as long as that can be mended before any has gone."""
    if settings.wechat is not None and settings.callback_token is not None and not fits(settings.callback_token):
        log.warning("callback_token_unfit", says="WeChat takes a Token of 3 to 32 letters and digits")


class Worker:
    """One worker on one cluster. ``run`` until it is told to stop."""

    def __init__(
        self,
        settings: Settings,
        brokers: Sequence[str],
        data_dir: Path,
        hash_key: str,
        rules: RulesSource,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._brokers = brokers
        self._data_dir = data_dir
        self._rules = rules
        self._metrics = Metrics()
        self._health = Health(("broker", "membership", "state"))
        self._http = Http(clock)
        hasher = Hasher(hash_key)
        self._ledger = Ledger(brokers, hasher, clock)
        self._progress = ProfileProgress(brokers, GROUP, clock)
        self._beats = Beats(brokers)
        self._writer = KafkaWriter(brokers, (topics.PROVIDER_CALLBACKS.name, topics.OPT_OUTS.name))
        self._gateways = _gateways(settings, self._http, clock)
        self._metrics.stand_at_zero(zeroes(tuple(self._gateways)))
        self._parts = build(self._ledger, self._progress, self._gateways, hasher, clock, settings.partitions)
        self._around = Surroundings(clock, rules, self._metrics)
        self._clock = clock
        self._web = WebServer(self._served(hasher))
        self._logs = KafkaLogs(brokers, GROUP, _UNHURRIED)
        self._tasks = self._new_tasks()
        self._member: Membership | None = None
        self._stop = asyncio.Event()
        self._at_work = False

    def _served(self, hasher: Hasher) -> Web:
        settings = self._settings
        return Web(
            host=settings.web_host,
            port=settings.web_port,
            public_port=settings.public_port,
            callbacks=Callbacks(
                token=settings.callback_token,
                intake=Intake(hasher, self._ledger),
                writer=self._writer,
                clock=self._clock,
                metrics=self._metrics,
            ),
            health=self._health,
            registry=self._metrics.registry,
            admin_token=settings.admin_token,
            reload=self._reload,
        )

    def _new_tasks(self) -> Tasks:
        return Tasks(
            self._parts.kinds,
            self._logs,
            self._parts.caller.perform,
            self._around,
            settle_seconds=2 * HEARTBEAT_SECONDS,
            rebalancing=lambda: self._member is not None and self._member.rebalancing,
        )

    async def open(self) -> str:
        """Opens the web port and returns its address. Raises ``Misconfigured`` where the port can't be had."""
        self._rules.changed = self._rules_changed
        self._rules.refused = self._metrics.rules_refused
        self._rules_changed()
        _look_at_token(self._settings)
        self._metrics.worker(lambda: self._health.ready is None, lambda state: self._tasks.states[state])
        self._metrics.ledger(lambda: len(self._ledger), lambda: self._ledger.age(self._clock.now()))
        try:
            await self._web.start()
        except BaseException:
            await self._close()
            raise
        return self._web.url

    def stop(self) -> None:
        """Ends ``run``."""
        self._stop.set()

    async def run(self) -> None:
        """Works until ``stop``. Raises ``Misconfigured`` where the topics can't be worked with."""
        try:
            working = asyncio.ensure_future(self._work())
            stopping = asyncio.ensure_future(self._stop.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            working.cancel()
            await asyncio.wait({working}, timeout=5)
            if working.done() and not working.cancelled():
                working.result()
        finally:
            await self._close()
            if self._at_work:
                log.info("worker_stopped")

    async def _work(self) -> None:
        await self._topics_there()
        self._at_work = True
        log.info("worker_started", rules=self._rules.current.hash, gateways=sorted(self._gateways))
        self._ledger.start()
        self._progress.start()
        self._beats.start()
        self._writer.start()
        while True:
            await self._be_member()

    async def _topics_there(self) -> None:
        """Waits for Kafka as long as it takes, and creates the topics that are missing."""
        pause = 0.5
        while True:
            try:
                async with Cluster(self._brokers) as cluster:
                    created = await ensure_topics(cluster, self._settings.partitions, self._settings.replication)
            except Unavailable as error:
                self._health.unmet("broker", f"broker: {error}")
                log.warning("broker_unreachable", brokers=",".join(self._brokers), error=str(error), again_in=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                if created:
                    log.info("topics_created", topics=created)
                return

    async def _be_member(self) -> None:
        """Joins the group and stays until Faust gives up; then all begins anew."""
        self._member = Membership(
            self._brokers,
            GROUP,
            topics.SOURCES,
            self._tasks.own,
            data_dir=self._data_dir,
            instance=self._settings.instance,
            session_seconds=SESSION_SECONDS,
            heartbeat_seconds=HEARTBEAT_SECONDS,
        )
        try:
            async with asyncio.timeout(_JOINS_WITHIN):
                await self._member.start()
            while not self._member.failed:
                self._look()
                await asyncio.sleep(_LOOK_EVERY)
        except Exception as error:  # noqa: BLE001  # Faust fails in many ways; each means joining anew
            log.warning("membership_failed", error=type(error).__name__)
        self._health.unmet("membership", "membership: lost, joining anew")
        await self._tasks.stop()
        if not await self._leave(_LEAVES_WITHIN):
            # It would go on as a member, and hold partitions that nobody works on.
            raise Unavailable("the group can't be left, which only a new process mends")
        self._tasks = self._new_tasks()
        await asyncio.sleep(1)

    def _look(self) -> None:
        """Tells the health what is so."""
        member = self._member is not None and self._member.joined
        unrecovered = self._tasks.unrecovered
        self._tell("broker", None if self._ledger.fresh(self._clock.now()) else "Kafka does not answer")
        self._tell("membership", None if member else "not yet in the group")
        self._tell("state", f"not recovered: {', '.join(unrecovered)}" if unrecovered else None)

    def _tell(self, condition: str, reason: str | None) -> None:
        self._health.unmet(condition, None if reason is None else f"{condition}: {reason}")

    def _rules_changed(self) -> None:
        self._metrics.rules_in_force(self._rules.current.hash)
        self._tasks.wake()

    async def _reload(self) -> str:
        return self._rules.reload().hash

    async def _leave(self, seconds: float) -> bool:
        """Whether the group was left in time."""
        member, self._member = self._member, None
        if member is None:
            return True
        done, _ = await asyncio.wait([asyncio.ensure_future(member.stop())], timeout=seconds)
        return bool(done)

    async def _close(self) -> None:
        """Tasks first, while this worker is still a member; then the group, and what the tasks lean on."""
        await self._tasks.stop()
        await self._leave(4)
        leant_on = (self._web, self._writer, self._ledger, self._progress, self._beats, self._logs)
        await asyncio.gather(*(part.close() for part in leant_on))
        mails = (gateway for gateway in self._gateways.values() if isinstance(gateway, SmtpGateway))
        await asyncio.gather(self._http.close(), *(gateway.close() for gateway in mails))
