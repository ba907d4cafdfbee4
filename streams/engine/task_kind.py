"""What an agent declares: a kind of task, of which each partition number is one task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from schemas.times import MILLISECOND, Micros
from streams.engine.lasting import Says
from streams.engine.table import Codec
from streams.engine.turn import Processor

S = TypeVar("S")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class TaskKind(Generic[S, R]):
    """One kind of task: the topics that it reads together, its state, and what it does with them.

    ``name`` also names its changelog and its transactional ids, so it never changes. ``clock`` says by which
    clock deadlines are judged: ``partition`` for what is detected, ``wall`` for what is done. ``bucket`` is how
    late a deadline may be noticed. A ``followed`` source is compacted and is its own changelog: its newest value
    for each key, decoded, is at hand in the turn. ``lasting``: what of its entries is shown for as long as it lasts.
    """

    name: str
    sources: tuple[str, ...]
    processor: Processor[S, R]
    codec: Codec[S]
    clock: Literal["partition", "wall"]
    bucket: Micros = 250 * MILLISECOND
    followed: Mapping[str, Callable[[bytes], Any]] = field(default_factory=dict)
    lasting: Says[S, R] | None = None
