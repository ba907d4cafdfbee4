"""A partition that stops: a newer version had it, and left what this one can't read."""

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.worker import GROUP
from streams.engine.kafka_log import transactional_id
from streams.errors import Unavailable
from streams.topics import changelog

TASK, PARTITION = "logistics", 0
_KEY = b"kept-by-a-newer-version"
_FORMAT = bytes([99])
"""What the newer version's entries begin with."""


async def takes_over(broker: str) -> None:
    """A worker of a newer version takes the partition from its owner, writes an entry in a format of its own, and dies.

    Whoever takes the partition then can't read its state.
    """
    await _write(broker, _FORMAT)


async def leaves_nothing(broker: str) -> None:
    """It comes once more, and takes its entry away."""
    await _write(broker, None)


async def _write(broker: str, value: bytes | None) -> None:
    """As a task's owner: starting its producer fences whoever was that. Raises ``Unavailable`` where that one, taking
    over anew meanwhile, was faster, or Kafka fails otherwise."""
    producer = AIOKafkaProducer(bootstrap_servers=broker, transactional_id=transactional_id(GROUP, TASK, PARTITION))
    try:
        await producer.start()
        async with producer.transaction():
            await producer.send_and_wait(changelog(TASK).name, value, key=_KEY, partition=PARTITION)
    except KafkaError as error:
        raise Unavailable(f"{type(error).__name__}, try again") from error
    finally:
        await producer.stop()
