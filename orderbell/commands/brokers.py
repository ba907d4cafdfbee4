"""Which Kafka a command asks that starts none itself."""

from orderbell import data_dir
from orderbell.kafka import live_broker
from streams.errors import Unavailable
from streams.settings import Settings


def live_brokers(settings: Settings) -> tuple[str, ...]:
    """The setting's, else the embedded one that lives on the data directory. ``Unavailable`` where none does."""
    if settings.brokers:
        return settings.brokers
    address = live_broker(data_dir.kafka_dir(settings.data_dir))
    if address is None:
        raise Unavailable(f"no Kafka runs on {settings.data_dir}, and ORDERBELL_BROKER is not set")
    return (address.removeprefix("kafka://"),)
