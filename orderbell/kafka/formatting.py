"""Prepares a data directory for its first Kafka."""

import base64
import shutil
import uuid

from orderbell.kafka.directory import Directory
from orderbell.kafka.java import Java
from orderbell.kafka.properties import FORMATTING, LOGS, PROPERTIES, server_properties
from streams.errors import Unavailable

TIMEOUT = 60.0


async def format_logs(directory: Directory, lock: int, classpath: str) -> None:
    """Formats the directory where that was not done yet. Raises ``Unavailable``, one line, where it fails.

    It is done under another name and moved into place when whole, so whoever is killed in it leaves nothing half.
    """
    logs, unfinished = directory.path / LOGS, directory.path / FORMATTING
    if logs.exists():
        return
    shutil.rmtree(unfinished, ignore_errors=True)
    # Ports play no part here.
    (directory.path / PROPERTIES).write_text(server_properties((1, 2), logs=FORMATTING))
    java = Java.start(
        directory, lock, classpath, "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", PROPERTIES
    )
    try:
        code = await java.exited(TIMEOUT)
    except TimeoutError:
        raise Unavailable(f"{directory.path}: formatting it took longer than {TIMEOUT:.0f} s") from None
    finally:
        java.kill()
    if code != 0:
        raise Unavailable(f"{directory.path}: can't be formatted: {java.why()}")
    unfinished.rename(logs)


def cluster_id() -> str:
    """A new id as Kafka wants it: 16 bytes in URL-safe base64, and not to be taken for an option by its tool."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):
            return text
