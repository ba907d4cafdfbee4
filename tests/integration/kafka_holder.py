"""Keeps one Kafka up for as long as any test process uses it: ``kafka_holder DATA_DIRECTORY USERS_FILE``.

A process of its own, since Kafka dies with the one that started it, and the first of pytest-xdist's workers to
want it may be the first to be done. Users hold the file's lock shared; so the kernel tells when the last is gone,
killed or not.
"""

import asyncio
import fcntl
import os
import sys
from pathlib import Path

from orderbell.kafka import broker_for


async def hold(data_dir: Path, users: Path) -> None:
    """Starts the Kafka unless another holder has, and stops it when nobody uses it any more."""
    kafka = (await broker_for(data_dir)).owned
    if kafka is None:
        return
    descriptor = os.open(users, os.O_RDONLY)
    async with kafka:
        # Kept until Kafka is down: a user who comes meanwhile waits, and then starts one anew.
        while not _taken(descriptor):  # noqa: ASYNC110  # a lock has no event to wait for
            await asyncio.sleep(0.1)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    # The test process has nobody to wait for.
    if os.fork() == 0:
        asyncio.run(hold(Path(sys.argv[1]), Path(sys.argv[2])))
