"""What the topic ``opt-outs`` says of one number, read once to its end, and what an operator adds to that."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, get_args

import msgspec
from aiokafka import ConsumerRecord

from agents.durable_writer import KafkaWriter
from agents.topic_reader import read_once
from schemas.opt_outs import OptOut, Scope
from schemas.times import Micros, instant, micros
from streams import topics
from streams.engine.turn import Output
from streams.errors import Unavailable
from streams.policy.opt_outs import ledger_key

SCOPES: tuple[Scope, ...] = get_args(Scope)
_WRITTEN_WITHIN = 15.0


class Word(NamedTuple):
    """The newest of a number and scope. ``said`` is ``None`` for one that can't be read, which stops its number."""

    at: Micros
    stopped: bool
    said: OptOut | None


class Words:
    """The newest word of each scope of the number that is named ``number_key``, ordered as every worker orders them."""

    def __init__(self, number_key: str) -> None:
        self._scopes = {ledger_key(number_key, scope).encode(): scope for scope in SCOPES}
        self.newest: dict[Scope, Word] = {}

    def apply(self, key: bytes | None, value: bytes | None, timestamp: Micros) -> None:
        """Takes a record of ``opt-outs``, of whatever number."""
        scope = self._scopes.get(key or b"")
        if scope is None:
            return
        if value is None:
            self.newest.pop(scope, None)
            return
        word = _read(value, timestamp)
        known = self.newest.get(scope)
        if known is None or word[:2] > known[:2]:
            self.newest[scope] = word

    def stop(self, scope: Scope) -> Word | None:
        """The stop of that scope that is in force."""
        word = self.newest.get(scope)
        return word if word is not None and word.stopped else None


def _read(value: bytes, timestamp: Micros) -> Word:
    try:
        said = msgspec.json.decode(value, type=OptOut)
    except msgspec.DecodeError:
        return Word(timestamp, True, None)
    return Word(micros(said.at), said.stopped, said)


async def read(brokers: Sequence[str], number_key: str) -> Words:
    """Reads the whole topic, uncommitted as the workers do. ``Unavailable`` where Kafka does not answer in time."""
    words = Words(number_key)

    def take(record: ConsumerRecord) -> None:
        words.apply(record.key, record.value, record.timestamp * 1000)

    await read_once(brokers, [topics.OPT_OUTS.name], take, isolation_level="read_uncommitted")
    return words


async def lift(brokers: Sequence[str], number_key: str, scope: Scope, stop: Word, evidence: str, now: Micros) -> Micros:
    """Writes that ``stop`` is lifted, and returns, once that is durable, from when on.

    That is ``now``, or right after the stop where the clock of whoever wrote that is ahead of ours: else the stop,
    being later, would hold. ``Unavailable`` where Kafka does not confirm it in time; it may hold all the same.
    """
    at = max(now, stop.at + 1)
    lifted = OptOut(scope=scope, stopped=False, at=instant(at), source="operator", evidence=evidence)
    writer = KafkaWriter(brokers, (topics.OPT_OUTS.name,))
    writer.start()
    try:
        async with asyncio.timeout(_WRITTEN_WITHIN):
            key = ledger_key(number_key, scope).encode()
            await writer.write([Output(topics.OPT_OUTS.name, key, msgspec.json.encode(lifted))])
    except TimeoutError as error:
        raise Unavailable("Kafka did not confirm in time that the stop is lifted: look with show") from error
    finally:
        await writer.close()
    return at
