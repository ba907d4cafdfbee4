"""Each private name that the seam relies on, so that an upgrade that moves one is noticed here and not at night."""

import inspect
from pathlib import Path

import aiokafka.consumer.fetcher
import faust
import faust.transport.base
from faust.transport.drivers import aiokafka as driver

from streams.engine.faust_seam import Membership


def test_the_versions_are_those_that_were_read() -> None:
    assert faust.__version__ == "0.15.3"
    assert aiokafka.__version__.startswith("0.14.")


def test_the_transport_makes_the_consumer_that_it_names() -> None:
    assert driver.Transport.Consumer is driver.Consumer
    assert "self.Consumer(" in inspect.getsource(faust.transport.base.Transport.create_consumer)


def test_the_listener_is_named_by_the_consumer_and_knows_its_thread() -> None:
    assert driver.Consumer.RebalanceListener is driver.ConsumerRebalanceListener
    thread = object()
    assert driver.ConsumerRebalanceListener(thread=thread)._thread is thread
    assert inspect.iscoroutinefunction(driver.ConsumerRebalanceListener.on_partitions_assigned)


def test_the_thread_gives_its_consumer_which_can_pause() -> None:
    assert list(inspect.signature(driver.AIOKafkaConsumerThread._ensure_consumer).parameters) == ["self"]
    assert list(inspect.signature(aiokafka.AIOKafkaConsumer.pause).parameters) == ["self", "partitions"]


def test_silent_partitions_are_looked_for_where_we_leave_it_out() -> None:
    assert list(inspect.signature(driver.Consumer.verify_event_path).parameters) == ["self", "now", "tp"]


def test_an_app_takes_a_transport_of_our_own() -> None:
    assert isinstance(faust.App.transport, property)
    assert faust.App.transport.fset is not None


async def test_a_membership_subscribes_to_every_source_of_its_agents(tmp_path: Path) -> None:
    member = Membership(
        ["127.0.0.1:1"],
        "group",
        {"a": ("t1", "t2"), "b": ("t3",)},
        lambda _: None,
        data_dir=tmp_path,
        instance=None,
        session_seconds=10,
        heartbeat_seconds=1,
    )
    assert {name for agent in member._app.agents.values() for name in agent.get_topic_names()} == {"t1", "t2", "t3"}
    assert not member.joined
    assert type(member._app.transport).Consumer is not driver.Consumer
