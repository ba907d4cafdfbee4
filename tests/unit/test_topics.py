from itertools import chain
from typing import Any

import pytest

from agents import customers, inventory, orders, receipts, sender, shipments
from agents.cluster import disagreements, wanted_partitions
from schemas.opt_outs import Scope
from schemas.times import Micros
from streams.engine.task_kind import TaskKind
from streams.policy.opt_outs import Hasher
from streams.topics import SOURCES, TOPICS, Topic, changelog


class _Nobody:
    """Ports that are asked nothing."""

    def stopped(self, number: str) -> bool:
        raise NotImplementedError

    def stopped_marketing(self, number: str) -> bool:
        raise NotImplementedError

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        raise NotImplementedError

    def fresh(self, now: Micros) -> bool:
        raise NotImplementedError

    def customers_known_until(self) -> Micros:
        raise NotImplementedError


KINDS: list[TaskKind[Any, Any]] = [
    orders.kind(),
    shipments.kind(),
    customers.kind(),
    inventory.kind(),
    sender.kind(_Nobody(), _Nobody(), (), Hasher("k"), 1),
    receipts.kind(),
]
NAMES = {topic.name for topic in TOPICS}


def test_every_task_reads_what_the_topics_say_it_does() -> None:
    assert {kind.name: kind.sources for kind in KINDS} == SOURCES


def test_every_source_and_changelog_is_a_declared_topic() -> None:
    assert set(chain.from_iterable(SOURCES.values())) | {changelog(task).name for task in SOURCES} <= NAMES


def test_a_changelog_takes_the_partitions_of_what_its_task_reads() -> None:
    wanted = wanted_partitions({"orders": 8}, 4)
    assert wanted["orders-changelog"] == 8
    assert wanted["logistics-changelog"] == 4
    assert wanted.keys() == NAMES


@pytest.mark.parametrize("odd", ["profiles", "message-reports", "sender-changelog"])
def test_topics_of_one_task_in_different_numbers_of_partitions_are_named(odd: str) -> None:
    (difference,) = disagreements({"notification-commands": 4, odd: 3})
    assert odd in difference.what
    assert "notification-commands has 4" in difference.what


def test_topics_of_different_tasks_may_differ() -> None:
    assert disagreements({"orders": 8, "orders-changelog": 8, "logistics": 2}) == []


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_of_three_replicas_two_must_have_a_record_and_else_it_is_as_the_cluster_has_it(topic: Topic) -> None:
    assert topic.created(3) == topic.config | {"min.insync.replicas": "2"}
    assert topic.created(1) == topic.created(2) == topic.config
