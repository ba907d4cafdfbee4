"""The main job on a real Kafka: upstream events go in, the right message reaches the right telephone once."""

import asyncio
import re
import signal
from base64 import b64encode
from hashlib import sha256
from typing import Any

import aiohttp
import msgspec

from schemas.words import KINDS
from tests.integration.shop import ADMIN, Shop, WorkerProcess, ago, until


async def _all_five(shop: Shop, customer: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Publishes one exception of each kind, and returns all that was published."""
    name = shop.id
    order = shop.order
    published = [
        ("orders", f"{name}-o1", await order("payment.failed", f"{name}-o1", customer, reason="card_error")),
        ("orders", f"{name}-o2", await order("stock.shortage", f"{name}-o2", customer, sku="s1", name="羊毛大衣")),
        (
            "orders",
            f"{name}-o3",
            await order("order.cancelled", f"{name}-o3", customer, cancelled_by="merchant", reason="商品瑕疵"),
        ),
        ("orders", f"{name}-o4", await order("address.undeliverable", f"{name}-o4", customer, address="某路1号")),
    ]
    dispatched = await shop.shipment(
        "shipment.dispatched",
        f"{name}-t1",
        order_id=f"{name}-o5",
        customer_id=customer,
        carrier="sf",
        occurred_at=ago(hours=25),
    )
    return [*published, ("logistics", f"{name}-t1", dispatched)]


async def test_the_five_kinds_reach_the_customer_once_and_redelivery_changes_nothing(shop: Shop) -> None:
    worker = await shop.worker().start()
    customer, phone = f"{shop.id}-c", "13900000001"
    await shop.customer(customer, phone)
    published = await _all_five(shop, customer)
    await until(lambda: len(shop.outcomes(customer)) == 5, lambda: str(shop.outcomes(customer)) + worker.log[-3000:])
    texts = shop.texts(phone)  # some ride together
    await until(lambda: shop.statuses(customer).count("delivered") == len(texts), lambda: str(shop.statuses(customer)))
    assert {outcome for _, outcome, _ in shop.outcomes(customer)} <= {"sent", "merged"}
    delivered = [r for r in shop.of("delivery-receipts", customer) if r["status"] == "delivered"]
    assert sorted(kind for receipt in delivered for kind in receipt["kinds"]) == sorted(KINDS)
    for receipt in shop.of("delivery-receipts", customer):
        assert receipt["recipient"] == "139****0001"
        assert (receipt["segments"], receipt["cost"], receipt["attempt"]) == (1, "0.045", 1)
        assert receipt["text_length"] <= 70
    for topic, key, event in published:
        await shop.publish(topic, key, event)
    # Something later on each partition shows that the redelivered events have been passed.
    await shop.customer(f"{shop.id}-d", "13900000002")
    for topic, key, _ in published:
        if topic == "orders":
            await shop.order("address.undeliverable", key, f"{shop.id}-d", address="某路2号")
        else:
            await shop.shipment("shipment.scanned", key)
    await until(lambda: len(shop.outcomes(f"{shop.id}-d")) == 4)
    assert sorted(kind for kind, _, _ in _but_good_news(shop, customer)) == sorted(KINDS)
    assert shop.texts(phone) == texts
    assert phone not in worker.log
    assert await worker.stop() == 0


def _but_good_news(shop: Shop, customer: str) -> list[tuple[str, str, str]]:
    """The outcomes of what went wrong: when good news goes depends on the hour."""
    return [ended for ended in shop.outcomes(customer) if ended[0] in KINDS]


async def test_a_repeat_is_a_duplicate_and_what_came_right_in_time_is_not_told(shop: Shop) -> None:
    await shop.worker().start()
    customer, phone = f"{shop.id}-c", "13900000001"
    await shop.customer(customer, phone)
    await shop.order("address.undeliverable", f"{shop.id}-o1", customer, address="某路1号")
    await shop.order("address.undeliverable", f"{shop.id}-o1", customer, address="某路1号")
    await shop.order("stock.shortage", f"{shop.id}-o2", customer, sku="s", name="帽子")
    await shop.order("stock.replenished", f"{shop.id}-o2", customer, sku="s")
    await shop.order("order.completed", f"{shop.id}-o3", customer)
    await shop.order("address.undeliverable", f"{shop.id}-o3", customer, address="某路1号")
    await until(lambda: len(_but_good_news(shop, customer)) == 4)
    assert sorted(_but_good_news(shop, customer)) == [
        ("address_undeliverable", "duplicate", "repeated"),
        ("address_undeliverable", "sent", "accepted"),
        ("address_undeliverable", "settled", "order_closed"),
        ("stock_shortage", "settled", "resolved"),
    ]
    assert len(shop.texts(phone)) == 1


async def test_an_opt_out_holds_from_the_next_message_on(shop: Shop) -> None:
    await shop.worker().start()
    customer, phone = f"{shop.id}-c", "13900000003"
    await shop.customer(customer, phone)
    await shop.order("payment.failed", f"{shop.id}-o1", customer, reason="other")
    await until(lambda: shop.texts(phone))
    shop.vendor.reply(phone, "回复TD")
    await until(lambda: any(t.path == "replies" and t.answered for t in shop.vendor._pushes.tried))
    await asyncio.sleep(2)  # the time that the contract gives a stop to take effect
    await shop.order("payment.failed", f"{shop.id}-o2", customer, reason="other")
    await until(lambda: len(shop.outcomes(customer)) == 2)
    assert shop.outcomes(customer)[-1] == ("payment_failed", "suppressed", "opted_out")
    assert len(shop.texts(phone)) == 1


async def test_a_backlog_that_refutes_a_stall_tells_none(shop: Shop) -> None:
    customer, phone = f"{shop.id}-c", "13900000004"
    await shop.customer(customer, phone)
    named = {"order_id": f"{shop.id}-o1", "customer_id": customer, "carrier": "sf"}
    for number in range(20):
        await shop.shipment("shipment.dispatched", f"{shop.id}-t{number}", occurred_at=ago(hours=40), **named)
    for number in range(19):
        await shop.shipment("shipment.scanned", f"{shop.id}-t{number}", occurred_at=ago(hours=1))
    await shop.worker().start()
    await until(lambda: shop.outcomes(customer))
    assert [c["tracking_no"] for c in shop.of("notification-commands", customer)] == [f"{shop.id}-t19"]
    assert len(shop.texts(phone)) == 1


async def test_what_cannot_be_read_goes_to_the_dead_letters_as_it_came(shop: Shop) -> None:
    paid = {"type": "order.paid", "event_id": "e1", "customer_id": "c", "occurred_at": ago(), "order_id": shop.id}
    sent: list[tuple[str, bytes | None, bytes | None, str]] = [
        ("orders", b"A1", b"{", "not_json"),
        ("orders", b"A1", b'{"type":"order.paid"}', "missing_field"),
        ("orders", b"A1", b"[]", "wrong_type"),
        ("orders", shop.id.encode(), msgspec.json.encode({**paid, "event_id": "e 1"}), "bad_value"),
        ("orders", b"another", msgspec.json.encode(paid), "key_mismatch"),
        ("orders", None, msgspec.json.encode(paid), "key_mismatch"),
        ("logistics", b"A1", b'"' + b"x" * 70_000 + b'"', "too_large"),
        ("logistics", b"A1", b'"' + b"x" * 300_000 + b'"', "too_large"),
        ("logistics", b"A1", None, "null_value"),
    ]
    await shop.worker().start()
    before = len(shop.read["dead-letters"])
    for topic, key, value, _ in sent:
        await shop.publish(topic, key, value)
    await until(lambda: len(shop.read["dead-letters"]) == before + len(sent))
    letters = shop.read["dead-letters"][before:]
    assert sorted(letter["reason"] for letter in letters) == sorted(reason for *_, reason in sent)
    for topic, key, value, reason in sent:
        told = [letter for letter in letters if letter["topic"] == topic and letter["reason"] == reason]
        kept = None if value is None else b64encode(value[: 256 * 1024]).decode()
        (letter,) = [x for x in told if x["value"] == kept and x["key"] == (key and b64encode(key).decode())]
        assert letter.get("truncated", False) == (value is not None and len(value) > 256 * 1024)
        if letter.get("truncated"):
            assert letter["value_bytes"] == len(value or b"")
            assert letter["value_sha256"] == sha256(value or b"").hexdigest()


async def test_what_comes_without_a_profile_waits_for_it_and_then_fails(shop: Shop) -> None:
    await shop.worker(ORDERBELL_RULES=_with_profile_wait(shop)).start()
    late, never = f"{shop.id}-late", f"{shop.id}-never"
    await shop.order("payment.failed", f"{shop.id}-o1", never, reason="other")
    await until(lambda: shop.outcomes(never))
    assert shop.outcomes(never) == [("payment_failed", "failed", "no_contact")]
    await shop.order("payment.failed", f"{shop.id}-o2", late, reason="other")
    await until(lambda: shop.of("notification-commands", late))
    await shop.customer(late, "13900000005")
    await until(lambda: shop.outcomes(late))
    assert shop.outcomes(late) == [("payment_failed", "sent", "accepted")]


def _with_profile_wait(shop: Shop) -> str:
    path = shop.folder / "wait.toml"
    path.write_text('profile_wait = "3s"\n' + (shop.folder / "rules.toml").read_text())
    return str(path)


async def test_rules_are_loaded_again_by_signal_and_by_request_and_a_bad_file_changes_nothing(shop: Shop) -> None:
    worker = await shop.worker().start()
    rules = shop.folder / "rules.toml"
    before = await _rules_hash(worker)
    rules.write_text('signature = "新铺"\n' + rules.read_text())
    worker.signal(signal.SIGHUP)
    await until(lambda: _differs(worker, before))
    reloaded = await _rules_hash(worker)
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{worker.port}/-/reload"
        rules.write_text("[kinds.payment_failed]\nwithin = 'soon'\n")
        async with session.post(url, headers={"Authorization": f"Bearer {ADMIN}"}) as answer:
            assert answer.status == 422
            assert "kinds.payment_failed.within" in await answer.text()
        worker.signal(signal.SIGHUP)
        await until(lambda: worker.log.count("rules_refused") == 2)
        assert await _rules_hash(worker) == reloaded
        rules.write_text("")
        async with session.post(url, headers={"Authorization": f"Bearer {ADMIN}"}) as answer:
            assert answer.status == 200
        async with session.post(url, headers={"Authorization": "Bearer wrong"}) as answer:
            assert answer.status == 401
    assert await _rules_hash(worker) not in (before, reloaded)


async def _differs(worker: WorkerProcess, before: str) -> bool:
    return await _rules_hash(worker) != before


async def _rules_hash(worker: WorkerProcess) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{worker.port}/metrics") as answer:
        (found,) = re.findall(r'orderbell_rules_info{hash="(\w+)"} 1.0', await answer.text())
    return str(found)
