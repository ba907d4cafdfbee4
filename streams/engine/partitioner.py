"""Which partition a key lies on, everywhere that we write: murmur2, as Kafka's own clients do by default."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of ``key`` in a topic of that many. Cached: hashing in Python costs some ten microseconds."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
