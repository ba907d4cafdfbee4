"""Tells whether a Kafka can be used."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

REQUEST_TIMEOUT_MS = 5_000


async def can_create_topics(host: str, port: int) -> bool:
    """Whether a topic could be created now.

    The request only asks (``validate_only``), so no topic is left. It goes the whole way but for the last step: the
    broker takes requests and finds the controller, which is active and has registered a broker of this start that
    is not fenced, else it would know no place for the replica. An open port and metadata prove none of that.
    """
    if not await _listens(host, port):
        return False
    admin = AIOKafkaAdminClient(bootstrap_servers=f"{host}:{port}", request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        topic = NewTopic("orderbell-is-it-usable", num_partitions=1, replication_factor=1)
        answer = await admin.create_topics([topic], validate_only=True)
    except KafkaError:
        return False
    finally:
        await admin.close()
    return all(error_code == 0 for _, error_code, _ in answer.topic_errors)


async def _listens(host: str, port: int) -> bool:
    """Asked first, since the client would log an error for each try."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
