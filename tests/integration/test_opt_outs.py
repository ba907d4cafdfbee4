"""Stop means stop, on a real Kafka: told to either vendor, it holds at both, until an operator lifts it."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from orderbell.standins.faults import Fault
from orderbell.standins.tencent.service import TencentStandIn
from tests import tencent_callbacks
from tests.callbacks import a_reply
from tests.integration.held_kafka import Kafka
from tests.integration.shop import APP, HASH_KEY, RULES, TENCENT_KEY, TOKEN, Shop, WorkerProcess, until
from tests.integration.test_command_line import orderbell

SPELLINGS = ("TD", "td", "ＴＤ。", " t d！", "回复TD退订")
TAKES_EFFECT = 2.0
"""Seconds after our answer from which on a stop holds."""


class TwoVendors(Shop):
    """A shop with a stand-in for Tencent as well, whose pushes are made here."""

    async def open(self) -> None:
        """Makes ready for work."""
        await super().open()
        self.tencent = TencentStandIn(dict([TENCENT_KEY]), APP)
        self.environment |= {
            "ORDERBELL_TENCENT_ENDPOINT": await self.tencent.start(),
            "ORDERBELL_TENCENT_SECRET_ID": TENCENT_KEY[0],
            "ORDERBELL_TENCENT_SECRET_KEY": TENCENT_KEY[1],
            "ORDERBELL_TENCENT_SDK_APP_ID": APP,
        }

    async def close(self) -> None:
        """Lets go."""
        await super().close()
        await self.tencent.stop()

    @property
    def id_digits(self) -> str:
        """Six digits of this test's own, since all tests share one ledger."""
        return f"{int(self.id, 16) % 1_000_000:06}"

    async def says(self, vendor: str, phone: str, content: str, at: float | None = None) -> None:
        """The owner of a number replies, and the vendor pushes that until it is taken."""
        at = time.time() if at is None else at
        body: Any = tencent_callbacks.a_reply(content, mobile=phone, time=int(at))
        if vendor == "aliyun":
            sent_at = datetime.fromtimestamp(at, timezone(timedelta(hours=8)))
            body = [a_reply(content, phone_number=phone, send_time=f"{sent_at:%Y-%m-%d %H:%M:%S}")]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.callback_port}") as client:

            async def taken() -> bool:
                async with client.post(f"/callbacks/{vendor}/{TOKEN}/replies", json=body) as answer:
                    return answer.status == 200

            await until(taken)

    async def is_told(self, phone: str, order: str) -> tuple[str, str]:
        """Lets an exception befall the owner of a number. The outcome and its reason."""
        customer = f"{self.id}-{phone}"
        before = len(self.outcomes(customer))
        await self.customer(customer, phone)
        await self.order("payment.failed", f"{self.id}-{phone}-{order}", customer, reason="card_error")
        await until(lambda: len(self.outcomes(customer)) > before, lambda: str(self.statuses(customer)))
        _, outcome, reason = self.outcomes(customer)[-1]
        return outcome, reason

    def got(self, phone: str) -> int:
        """How many messages either vendor took for a number."""
        numbers = [m.number for m in self.vendor.messages] + [m.number for m in self.tencent.messages]
        return sum(number.endswith(phone) for number in numbers)


@pytest.fixture(params=["aliyun", "tencent"])
async def shop(own_kafka: Kafka, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[TwoVendors]:
    """Its messages go by the vendor of the parameter first."""
    first, second = ("aliyun", "tencent") if request.param == "aliyun" else ("tencent", "aliyun")
    rules = f'{RULES}\n[sms]\nproviders = ["{first}", "{second}"]\n'
    async with TwoVendors(own_kafka, tmp_path, rules) as shop:
        yield shop


async def _two_workers(shop: Shop) -> list[WorkerProcess]:
    return [await shop.worker().start(), await shop.worker(callbacks=False).start()]


async def test_td_in_five_spellings_to_either_vendor_stops_both_on_every_worker(shop: TwoVendors) -> None:
    workers = await _two_workers(shop)
    said = [(vendor, word) for vendor in ("aliyun", "tencent") for word in SPELLINGS]
    stopped = {f"139{shop.id_digits}{number:02}": reply for number, reply in enumerate(said)}
    others = {f"138{shop.id_digits}00": ("aliyun", "R"), f"138{shop.id_digits}01": ("tencent", "今天能到吗")}
    for phone, (vendor, word) in (stopped | others).items():
        await shop.says(vendor, phone, word)
    await asyncio.sleep(TAKES_EFFECT)  # the time that the contract gives us, not one that we wait for something in
    ends = await asyncio.gather(*(shop.is_told(phone, "o1") for phone in (*stopped, *others)))
    assert ends == [("suppressed", "opted_out")] * len(stopped) + [("sent", "accepted")] * len(others)
    assert {phone: shop.got(phone) for phone in stopped} == dict.fromkeys(stopped, 0)
    assert {phone: shop.got(phone) for phone in others} == dict.fromkeys(others, 1)
    assert not any(phone in worker.log for phone in (*stopped, *others) for worker in workers)


async def test_a_stop_between_two_attempts_ends_them_at_both_vendors(shop: TwoVendors) -> None:
    worker = await shop.worker().start()
    phone = f"139{shop.id_digits}00"
    busy = {
        "aliyun": '{"Code":"isp.SYSTEM_ERROR","Message":"","RequestId":"1"}',
        "tencent": '{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":""},"RequestId":"1"}}',
    }
    shop.vendor.faults += [Fault(how="answer", body=busy["aliyun"]) for _ in range(5)]
    shop.tencent.faults += [Fault(how="answer", body=busy["tencent"]) for _ in range(5)]
    telling = asyncio.ensure_future(shop.is_told(phone, "o1"))
    customer = f"{shop.id}-{phone}"
    await until(lambda: shop.statuses(customer), lambda: worker.log[-3000:])
    await shop.says("tencent", phone, "TD")
    assert await telling == ("suppressed", "opted_out")
    assert shop.got(phone) == 0


async def test_an_operator_lifts_a_stop_and_only_a_new_one_stops_again(shop: TwoVendors) -> None:
    await shop.worker().start()
    phone = f"139{shop.id_digits}00"
    masked, evidence = f"139****{phone[-4:]}", "turned SMS on again in the account page, ticket 4711"

    async def command(*arguments: str) -> tuple[int, str]:
        environment = {name.removeprefix("ORDERBELL_"): value for name, value in shop.environment.items()}
        ran = await asyncio.to_thread(orderbell, "opt-outs", *arguments, **environment)
        assert phone not in ran.stdout + ran.stderr
        return ran.returncode, ran.stdout + ran.stderr

    nothing = f"{masked}\nall SMS: not stopped\nmarketing: not stopped\n"
    assert await command("show", phone) == (0, nothing)
    in_vain = f"{masked}: all SMS not stopped, nothing to lift\n"
    assert await command("lift", phone, "--evidence", evidence) == (1, in_vain)

    old = time.time() - 60
    await shop.says("aliyun", phone, "TD", old)
    await asyncio.sleep(TAKES_EFFECT)
    assert await shop.is_told(phone, "o1") == ("suppressed", "opted_out")
    code, shown = await command("show", f"+86 {phone}")
    since = f"{datetime.fromtimestamp(int(old), UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert (code, shown.splitlines()[1]) == (0, f"all SMS: stopped since {since}, by the owner's reply (aliyun)")

    code, lifted = await command("lift", phone, "--evidence", evidence)
    assert code == 0
    assert lifted.startswith(f"{masked}: all SMS lifted at ")
    assert evidence in (await command("show", phone))[1]
    await asyncio.sleep(TAKES_EFFECT)
    assert await shop.is_told(phone, "o2") == ("sent", "accepted")

    for vendor in ("aliyun", "tencent"):
        await shop.says(vendor, phone, "TD", old)
    await asyncio.sleep(TAKES_EFFECT)
    assert await shop.is_told(phone, "o3") == ("sent", "accepted")
    assert shop.got(phone) == 2

    await shop.says("tencent", phone, "TD", time.time() + 1)
    await asyncio.sleep(TAKES_EFFECT)
    assert await shop.is_told(phone, "o4") == ("suppressed", "opted_out")
    assert shop.got(phone) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "1390000"),
        ("show", "139", "0000", "00012"),
        ("show", "-139-0000-00012"),
        ("lift", "13900000001", "--evidence", "called from 13900000001"),
        ("lift", "13900000001", "--evidence", ""),
    ],
)
def test_what_can_not_be_read_or_kept_is_one_line_that_does_not_repeat_it(arguments: tuple[str, ...]) -> None:
    result = orderbell("opt-outs", *arguments, BROKER="kafka://127.0.0.1:1", HASH_KEY=HASH_KEY)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "139" not in line
    assert "0000" not in line
    assert result.stdout == ""
