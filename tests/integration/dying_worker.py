"""A worker that dies by SIGKILL at a point of its own choosing, once: patches that live here, not in the program.

``python -m tests.integration.dying_worker worker`` with ``DIE_AT`` (a point below), ``DIE_TASK`` (in whose turn) and
``DIE_ONCE`` (a file that is made first, so that the next worker lives).
"""

import os
import signal
from pathlib import Path
from typing import Any

from agents.gateways.aliyun import AliyunGateway
from orderbell.cli import main
from streams.engine.kafka_log import KafkaLog

AT, TASK, ONCE = os.environ["DIE_AT"], os.environ["DIE_TASK"], Path(os.environ["DIE_ONCE"])


def die() -> None:
    """Ends this process as a power cut would."""
    try:
        ONCE.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


_commit, _send = KafkaLog.commit, AliyunGateway.send


async def commit(self: KafkaLog, outputs: Any, changes: Any, report: Any) -> None:
    """Dies before the turn's transaction, within it, or after it."""
    outputs = list(outputs)
    ours = TASK in self._producer._id and (outputs or TASK == "sender")
    if ours and AT == "before_commit":
        die()
    if ours and AT == "in_commit":

        async def in_the_middle(*_: Any) -> None:
            die()

        self._producer._end = in_the_middle  # type: ignore[method-assign]
    await _commit(self, outputs, changes, report)
    if ours and AT == "after_commit":
        die()


async def send(self: AliyunGateway, request: Any, hindrance: Any) -> Any:
    """Dies before the provider hears of the message, or when it has taken it."""
    if AT == "before_call":
        die()
    result = await _send(self, request, hindrance)
    if AT == "after_call":
        die()
    return result


KafkaLog.commit = commit  # type: ignore[method-assign]  # this is what the module is for
AliyunGateway.send = send  # type: ignore[method-assign]
main()
