"""A dry run on a real Kafka: all is decided, and nothing reaches the vendor but what is for a test number."""

from tests.integration.shop import Shop, until

TEST_PHONE = "13900000009"


async def _fails_to_pay(shop: Shop, customer: str, phone: str) -> None:
    await shop.customer(customer, phone)
    await shop.order("payment.failed", f"{customer}-o", customer, reason="card_error")


async def test_only_a_test_number_is_sent_to_and_the_rest_says_what_would_have_gone(shop: Shop) -> None:
    worker = await shop.worker(ORDERBELL_DRY_RUN="1", ORDERBELL_DRY_RUN_NUMBERS=TEST_PHONE).start()
    ann, tester = f"{shop.id}-ann", f"{shop.id}-tester"
    await _fails_to_pay(shop, ann, "13900000001")
    await _fails_to_pay(shop, tester, TEST_PHONE)
    await until(lambda: shop.outcomes(ann) and shop.outcomes(tester), lambda: worker.log[-3000:])
    await until(lambda: shop.statuses(tester) == ["accepted", "delivered"])
    assert shop.outcomes(ann) == [("payment_failed", "suppressed", "dry_run")]
    assert shop.outcomes(tester) == [("payment_failed", "sent", "accepted")]
    assert {message.number for message in shop.vendor.messages} == {TEST_PHONE}
    assert shop.vendor.refused == []

    (decision,) = shop.of("notification-decisions", ann)
    (would_have,) = shop.of("delivery-receipts", ann)
    (went,) = (receipt for receipt in shop.of("delivery-receipts", tester) if receipt["status"] == "accepted")
    assert (would_have["status"], would_have["reason"], would_have["cost"]) == ("rejected", "dry_run", "0")
    assert decision["notification_id"] == would_have["notification_id"]
    # Both texts are as long as each other: they name orders of the same length.
    alike = ("provider", "template_id", "segments", "channel", "attempt")
    assert [would_have[field] for field in alike] == [went[field] for field in alike]
    assert would_have["text_length"] > 0
    assert worker.log.count('"dry_run"') == 1
    assert "1390000" not in worker.log


async def test_without_credentials_one_sees_what_would_have_gone_too(shop: Shop) -> None:
    for name in ("ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET"):
        shop.environment[f"ORDERBELL_{name}"] = ""
    worker = await shop.worker(ORDERBELL_DRY_RUN="1").start()
    ann = f"{shop.id}-ann"
    await _fails_to_pay(shop, ann, "13900000001")
    await until(lambda: shop.outcomes(ann), lambda: worker.log[-3000:])
    assert shop.outcomes(ann) == [("payment_failed", "suppressed", "dry_run")]
    assert len(shop.of("delivery-receipts", ann)) == 1, "one provider would have had it, so one says so"
    assert shop.vendor.messages == []
