"""What Kafka loses, and what becomes of it: docs/operations.md says the same to operators."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents.worker import GROUP
from streams import topics
from tests.integration.shop import PARTITIONS, Shop, until

SENDER = topics.changelog("sender").name


async def test_offsets_that_the_group_has_lost_are_not_needed(shop: Shop) -> None:
    phones = await _told(shop, ("first", "second"))
    await _forget_offsets(shop)
    await shop.worker().start()
    await _trouble(shop, "third", phones["third"])
    await until(lambda: shop.outcomes(f"{shop.id}-third"))
    for name, phone in phones.items():
        assert len(shop.texts(phone)) == 1, name
        assert len(shop.outcomes(f"{shop.id}-{name}")) == 1, name


async def test_a_senders_state_that_was_deleted_is_made_anew_by_a_dry_run_and_nobody_is_told_twice(shop: Shop) -> None:
    phones = await _told(shop, ("first", "second"))
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.kafka.bootstrap)
    await admin.start()
    await admin.delete_topics([SENDER])
    await admin.close()

    dry = await shop.worker(ORDERBELL_DRY_RUN="1").start()
    for name in ("first", "second"):
        await until(lambda name=name: len(shop.outcomes(f"{shop.id}-{name}")) == 2)  # type: ignore[misc]
        assert shop.outcomes(f"{shop.id}-{name}")[1][1:] == ("suppressed", "dry_run")
    assert await dry.stop() == 0
    await shop.worker().start()
    await _trouble(shop, "third", phones["third"])
    await until(lambda: shop.outcomes(f"{shop.id}-third"))
    assert [len(shop.texts(phone)) for phone in phones.values()] == [1, 1, 1]


async def _told(shop: Shop, names: tuple[str, ...]) -> dict[str, str]:
    """A worker tells these and is stopped. Their numbers, and that of a third."""
    phones = {name: f"136{int(shop.id, 16) % 90_000_000 + nth:08d}" for nth, name in enumerate((*names, "third"))}
    worker = await shop.worker().start()
    for name in names:
        await _trouble(shop, name, phones[name])
    for name in names:
        await until(lambda name=name: shop.outcomes(f"{shop.id}-{name}"))  # type: ignore[misc]
    assert await worker.stop() == 0
    return phones


async def _trouble(shop: Shop, name: str, phone: str) -> None:
    await shop.customer(f"{shop.id}-{name}", phone)
    await shop.order("address.undeliverable", f"{shop.id}-{name}", f"{shop.id}-{name}", address="某路 1 号")


async def _forget_offsets(shop: Shop) -> None:
    """As where the group was deleted and somebody had it begin at the beginning."""
    reader = AIOKafkaConsumer(bootstrap_servers=shop.kafka.bootstrap, group_id=GROUP, enable_auto_commit=False)
    await reader.start()
    places = [TopicPartition(t, n) for sources in topics.SOURCES.values() for t in sources for n in range(PARTITIONS)]
    reader.assign(places)
    await reader.commit(dict.fromkeys(places, 0))
    assert {await reader.committed(place) for place in places} == {0}
    await reader.stop()
