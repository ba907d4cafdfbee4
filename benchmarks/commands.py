"""Commands to tell as many customers of one failed payment each, and the customers."""

import asyncio
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from schemas.times import HOUR, SECOND, Micros, instant
from streams.engine.partitioner import partition_of
from streams.topics import COMMANDS, PROFILES


def number_of(index: int) -> str:
    """A customer's telephone."""
    return f"139{index:08d}"


def order_of(index: int) -> str:
    """A customer's order."""
    return f"B{index:07d}"


def profile(index: int) -> dict[str, Any]:
    """A customer's profile."""
    contact = {"contact_id": "K1", "role": "buyer", "phone": number_of(index)}
    return {"customer_id": f"C{index}", "tier": "regular", "contacts": [contact]}


def command(index: int, now: Micros) -> dict[str, Any]:
    """What a customer is to be told. Its hold is over, and it stays in time for as long as a benchmark may take."""
    return {
        "command_id": f"P-{index}.buyer",
        "action": "notify",
        "kind": "payment_failed",
        "subject": f"{order_of(index)}:payment_failed",
        "audience": "buyer",
        "urgency": "urgent",
        "customer_id": f"C{index}",
        "order_id": order_of(index),
        "facts": {"reason": "insufficient_funds"},
        "event_id": f"P-{index}",
        "occurred_at": instant(now - 300 * SECOND),
        "detected_at": instant(now - 300 * SECOND),
        "notify_by": instant(now + HOUR),
        "rules": "benchmark",
    }


async def publish(broker: str, count: int, partitions: int, now: Micros) -> None:
    """Publishes the profiles, and then the commands, each customer's on one partition."""
    async with AIOKafkaProducer(bootstrap_servers=broker, linger_ms=5) as producer:
        for index in range(count):
            await _send(producer, PROFILES.name, f"C{index}".encode(), profile(index), partitions)
        for index in range(count):
            await _send(producer, COMMANDS.name, f"C{index}".encode(), command(index, now), partitions)
        await producer.flush()


async def _send(producer: AIOKafkaProducer, topic: str, key: bytes, value: dict[str, Any], partitions: int) -> None:
    await producer.send(topic, msgspec.json.encode(value), key, partition=partition_of(key, partitions))
    await asyncio.sleep(0)
