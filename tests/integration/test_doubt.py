"""A worker is killed while a vendor has its request: what follows depends on what the vendor can tell."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orderbell.standins.faults import Fault, bad_gateway
from tests.integration.held_kafka import Kafka
from tests.integration.shop import RULES, Shop, until

QUESTION = "PullSmsSendStatusByPhoneNumber"
# So near its end a doubt is given up a minute after the call.
HURRY = RULES.replace("[kinds.stock_shortage]", '[kinds.stock_shortage]\nwithin = "1m"')
BY_ALIYUN, BY_TENCENT, BY_BOTH = (
    f"[sms]\nproviders = {names}\n" for names in ('["aliyun"]', '["tencent"]', '["aliyun", "tencent"]')
)


@pytest.fixture
async def shop(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop(own_kafka, tmp_path, BY_ALIYUN + HURRY, vendors=("aliyun", "tencent")) as shop:
        yield shop


@pytest.mark.timeout(240)
async def test_what_nobody_answered_for_is_asked_about_and_repeated_only_where_it_was_surely_not_taken(
    shop: Shop,
) -> None:
    phones = {name: f"137{int(shop.id, 16) % 90_000_000 + index:08d}" for index, name in enumerate(TAKEN)}
    for name, phone in phones.items():
        await shop.customer(f"{shop.id}-{name}", phone)
    # None of them has a report come: only questions can tell.
    shop.vendor.fates["*"] = shop.tencent.fates["*"] = None
    shop.tencent.lasting[QUESTION] = bad_gateway(taken=False)
    victim = await shop.worker(ORDERBELL_INSTANCE=shop.id).start()
    for name, taken in TAKEN.items():
        standin = shop.vendor if name.startswith("aliyun") else shop.tencent
        if name == "tencent-took":
            (shop.folder / "rules.toml").write_text(BY_TENCENT + HURRY)
            before = victim.log.count("rules_in_force")
            victim.signal(signal.SIGHUP)
            await until(lambda before=before: victim.log.count("rules_in_force") > before)  # type: ignore[misc]
        standin.faults.append(Fault(how="hang", taken=taken))
        await shop.order("stock.shortage", f"{shop.id}-{name}", f"{shop.id}-{name}", sku="s", name="风衣")
        await until(lambda standin=standin: not standin.faults, lambda name=name: f"{name} was not sent")  # type: ignore[misc]
    victim.signal(signal.SIGKILL)
    await victim.ended()
    (shop.folder / "rules.toml").write_text(BY_BOTH + HURRY)
    await shop.worker(ORDERBELL_INSTANCE=shop.id).start()

    await until(lambda: all(shop.outcomes(f"{shop.id}-{name}") for name in TAKEN))
    for name in TAKEN:
        told = name.startswith("aliyun")
        outcome = ("sent", "accepted") if told else ("failed", "in_doubt")
        assert shop.outcomes(f"{shop.id}-{name}") == [("stock_shortage", *outcome)], name
        # Of Tencent nothing can be learnt, so who heard nothing hears nothing more.
        assert len(shop.texts(phones[name])) == (1 if told else TAKEN[name]), name
    assert shop.statuses(f"{shop.id}-aliyun-took") == ["unknown", "accepted"]
    assert shop.statuses(f"{shop.id}-aliyun-took-not") == ["unknown", "rejected", "accepted"]
    for name in ("tencent-took", "tencent-took-not"):
        assert shop.statuses(f"{shop.id}-{name}") == ["unknown"]


TAKEN = {"aliyun-took": True, "aliyun-took-not": False, "tencent-took": True, "tencent-took-not": False}
"""What the vendor did with the message on which the worker died."""
