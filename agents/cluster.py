"""The cluster's topics: compared with what they ought to be, and created where they are missing."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.errors import Misconfigured, Unavailable
from streams.topics import SOURCES, TOPICS, Topic, changelog

ANSWER_SECONDS = 10.0


class Cluster:
    """Asks and changes a cluster. Raises ``Unavailable`` where it does not answer."""

    def __init__(self, brokers: Sequence[str]) -> None:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=list(brokers), request_timeout_ms=8_000)

    async def __aenter__(self) -> "Cluster":
        await _answer(self._admin.start())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def partitions(self) -> dict[str, int]:
        """How many partitions each of our topics has; those that are missing are left out."""
        found = await _answer(self._admin.describe_topics())
        ours = {topic.name for topic in TOPICS}
        return {t["topic"]: len(t["partitions"]) for t in found if t["topic"] in ours and not t["error_code"]}

    async def configuration(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """The configuration of the topics ``names``."""
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        answers = await _answer(self._admin.describe_configs(resources))
        return {
            name: {entry[0]: entry[1] for entry in entries}
            for answer in answers
            for _code, _message, _type, name, entries in answer.resources
        }

    async def create(self, topics: Mapping[Topic, int], replication: int) -> None:
        """Creates each topic with so many partitions. One that another worker creates meanwhile is taken as it is."""
        new = [
            NewTopic(topic.name, count, replication, topic_configs=topic.created(replication))
            for topic, count in topics.items()
        ]
        if not new:
            return
        answer = await _answer(self._admin.create_topics(new))
        for name, code, *message in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise Misconfigured(f"topic {name} cannot be created: {message[0] if message else for_code(code)}")


async def _answer(asked: Any) -> Any:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asked
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable(f"Kafka does not answer: {type(error).__name__}") from error


_LOOKS, _LOOK_EVERY = 100, 0.1


class Difference(NamedTuple):
    """One way in which a topic is not as it ought to be."""

    topic: str
    what: str


def wanted_partitions(existing: Mapping[str, int], default: int) -> dict[str, int]:
    """How many partitions each topic ought to have: a task's topics as many as those of them that exist."""
    wanted = {topic.name: existing.get(topic.name, default) for topic in TOPICS}
    for task, sources in SOURCES.items():
        together = (*sources, changelog(task).name)
        count = next((existing[name] for name in together if name in existing), default)
        wanted |= {name: existing.get(name, count) for name in together}
    return wanted


def disagreements(existing: Mapping[str, int]) -> list[Difference]:
    """The tasks whose topics exist in different numbers of partitions."""
    found = []
    for task, sources in SOURCES.items():
        counts = {name: existing[name] for name in (*sources, changelog(task).name) if name in existing}
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{name} has {count}" for name, count in counts.items())
            found.append(Difference(changelog(task).name, f"must have as many partitions as what {task} reads: {told}"))
    return found


async def ensure_topics(cluster: Cluster, partitions: int, replication: int) -> list[str]:
    """Creates the topics that are missing and returns their names; existing ones are taken as they are.

    Raises ``Misconfigured`` where topics that one task reads together have different numbers of partitions.
    """
    existing = await cluster.partitions()
    for difference in disagreements(existing):
        raise Misconfigured(f"topic {difference.topic} {difference.what}")
    wanted = wanted_partitions(existing, partitions)
    missing = {topic: wanted[topic.name] for topic in TOPICS if topic.name not in existing}
    await cluster.create(missing, replication)
    await _all_known(cluster, missing)
    return [topic.name for topic in missing]


async def _all_known(cluster: Cluster, created: Iterable[Topic]) -> None:
    """Waits until Kafka tells of what it has created: whoever joins the group before that is dealt only the rest."""
    names = {topic.name for topic in created}
    for _ in range(_LOOKS):
        if names <= set(await cluster.partitions()):
            return
        await asyncio.sleep(_LOOK_EVERY)
    raise Unavailable("Kafka does not show the topics that it has created")


async def differences(cluster: Cluster, replication: int) -> list[Difference]:
    """What is missing or differs from what would be created."""
    existing = await cluster.partitions()
    found = [Difference(topic.name, "missing") for topic in TOPICS if topic.name not in existing]
    found += disagreements(existing)
    configuration = await cluster.configuration(existing)
    for topic in TOPICS:
        has = configuration.get(topic.name, {})
        found += [
            Difference(topic.name, f"{key} is {has.get(key)}, expected {value}")
            for key, value in topic.created(replication).items()
            if topic.name in existing and _words(has.get(key)) != _words(value)
        ]
    return found


def _words(value: str | None) -> set[str]:
    return set((value or "").split(","))
