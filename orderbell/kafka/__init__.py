"""The embedded Kafka: a real one on the loopback, for newcomers, tests and the demo."""

from orderbell.kafka.server import EmbeddedKafka
from orderbell.kafka.sharing import Broker, broker_for, live_broker

__all__ = ["Broker", "EmbeddedKafka", "broker_for", "live_broker"]
