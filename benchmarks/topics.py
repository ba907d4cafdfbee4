"""Topics for one run."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.topics import Topic


async def create(broker: str, names: dict[str, Topic], partitions: int) -> None:
    """Creates a topic for each name, configured like the one beside it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        new = [NewTopic(name, partitions, 1, topic_configs=like.config) for name, like in names.items()]
        await admin.create_topics(new)
    finally:
        await admin.close()
