"""A real Prometheus scrapes real workers in trouble: every query of ours brings data, and the alerts speak.

What takes longer than minutes (a lost road, a kind that swells) and what no real worker does on demand (a defect) a
third target shows, which counted on a virtual clock.
"""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import promql_parser
import pytest
import pytest_asyncio
from aiohttp import web

from agents.rules_source import read_rules
from agents.web.metrics import add_metrics
from orderbell.defaults import DEFAULT_RULES
from streams.metrics import Metrics
from streams.zeroes import zeroes
from tests.grafana_dashboards import expanded, targets
from tests.integration.held_kafka import Kafka
from tests.integration.prometheus import RUNBOOKS, Prometheus, needs_prometheus
from tests.integration.shop import RULES, Shop, free_port, until
from tests.integration.troubled_shop import SETTINGS, TroubledShop, halt, lost_road
from tests.prometheus_rules import ALERTS, RECORDED
from tests.promql import operands
from tests.unit.test_runbooks import PAGES, blocks
from tests.unit.test_sender_storm import swollen

pytestmark = [needs_prometheus, pytest.mark.timeout(900)]

FIRED = {
    "OrderbellAccountRefused",
    "OrderbellBalanceLow",
    "OrderbellBudgetSpent",
    "OrderbellCallbacksRefused",
    "OrderbellCustomersUnknown",
    "OrderbellDeadLetters",
    "OrderbellNoticesFail",
    "OrderbellOptOutSpike",
    "OrderbellRoadCollapsed",
    "OrderbellRulesRefused",
    "OrderbellStormHolding",
    "OrderbellTaskHalted",
}
"""What the troubles must set off at once."""
WAITED = {"OrderbellNoticesLate", "OrderbellProviderFailing", "OrderbellRulesDiffer", "OrderbellWorkerDown"}
"""What they must set off, if they lasted for as long as is waited for."""


class Seen(NamedTuple):
    """What came of it all."""

    without: dict[str, str]
    """The queries that brought nothing, by where they stand."""
    asked: int
    states: set[tuple[str, str]]
    """Each alert with each state that it had."""
    annotations: list[str]
    in_trouble: list[str]
    log: str


def _queries() -> Iterator[tuple[str, str]]:
    """All that is asked anywhere, with where. Of a condition the sides: it may well not be met now."""
    for target in targets():
        yield str(target), expanded(target.expr)
    for record, expr in RECORDED.items():
        yield record, expr
        yield record, record
    conditions = [(alert.name, alert.expr) for alert in ALERTS]
    conditions += [(page.stem, query) for page in PAGES for query in blocks(page, "promql")]
    for where, expr in conditions:
        # An hour ago there was no Prometheus yet.
        for side in operands(promql_parser.parse(re.sub(r"offset \w+", "", expr))):
            yield f"{where}: {side.prettify()}", side.prettify()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(own_kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seen]:
    """The whole day, once for all that is looked at."""
    folder = tmp_path_factory.mktemp("watched")
    shop = Shop(own_kafka, folder, SETTINGS + RULES, vendors=("aliyun", "tencent"))
    await shop.open()
    (folder / "second.toml").write_text(SETTINGS + RULES)
    first = await shop.worker().start()
    second = await shop.worker(callbacks=False, ORDERBELL_RULES=str(folder / "second.toml")).start()
    async with _virtual_worker(folder / "rules.toml") as (port, virtual):
        began = time.time()
        workers = [f"127.0.0.1:{of}" for of in (first.port, second.port, port)]
        prometheus = await Prometheus.start(folder, workers, every=1, runbooks=RUNBOOKS)
        virtual.apply(lost_road())
        await halt(virtual)
        virtual.state("sender", 0, 0, swollen().driver.lasting)
        try:
            await TroubledShop(shop, first, second).go_wrong()
            yield await _look(prometheus, began)
        finally:
            await prometheus.stop()
            await shop.close()


@asynccontextmanager
async def _virtual_worker(rules: Path) -> AsyncIterator[tuple[int, Metrics]]:
    """Shows what is counted elsewhere as a worker does that has these rules, on a port."""
    metrics, port, app = Metrics(), free_port(), web.Application()
    metrics.stand_at_zero(zeroes(("aliyun", "tencent")))
    metrics.worker(lambda: True, lambda _: 0)
    metrics.rules_in_force(read_rules(DEFAULT_RULES, rules).hash)
    add_metrics(app, metrics.registry)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield port, metrics
    finally:
        await runner.cleanup()


async def _look(prometheus: Prometheus, began: float) -> Seen:
    async def states() -> set[tuple[str, str]]:
        found = await prometheus.series("ALERTS", began, time.time())
        return {(labels["alertname"], labels["alertstate"]) for labels, _ in found}

    async def all_set_off() -> bool:
        seen = await states()
        return {(name, "firing") for name in FIRED} <= seen and {name for name, _ in seen} >= WAITED

    with suppress(AssertionError):  # which of them did not, a test tells
        await until(all_set_off)
    queries = dict(_queries())
    without = dict(queries)

    async def all_answered() -> bool:
        for where, expr in list(without.items()):
            if await prometheus.series(expr, began, time.time()):
                del without[where]
        return not without

    with suppress(AssertionError):
        await until(all_answered)
    return Seen(
        without=without,
        asked=len(queries),
        states=await states(),
        annotations=[text for alert in await prometheus.alerts() for text in alert["annotations"].values()],
        in_trouble=await prometheus.rules_in_trouble(),
        log=prometheus.log,
    )


def test_every_query_of_the_dashboards_the_rules_and_the_runbooks_brings_data(seen: Seen) -> None:
    assert seen.asked > 250
    assert seen.without == {}


def test_what_goes_wrong_sets_off_its_alert(seen: Seen) -> None:
    assert {name for name in FIRED if (name, "firing") not in seen.states} == set()


def test_what_must_last_to_set_off_an_alert_is_about_to(seen: Seen) -> None:
    assert {name for name in WAITED if not {(name, "pending"), (name, "firing")} & seen.states} == set()


def test_no_rule_fails_and_what_alerts_say_is_filled_in(seen: Seen) -> None:
    assert seen.in_trouble == []
    assert [line for line in seen.log.splitlines() if re.search(r"level=(warn|error).*rule", line)] == []
    assert [text for text in seen.annotations if re.search("<no value>|<error|{{", text)] == []
    assert any(text.startswith(f"{RUNBOOKS}/Orderbell") for text in seen.annotations)
