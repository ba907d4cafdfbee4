"""The consumer group: who is a member, and which partitions each is dealt.

As Kafka's: a member that is not heard of for the session time-out is out, and everything is dealt out anew each time
somebody comes or goes. A frozen member learns of it only when it is woken, and joins again.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Protocol

from streams.topics import SOURCES
from tests.simulation.loop import Process, VirtualLoop

SESSION_SECONDS = 10.0
_NOTICES_WITHIN = 1.5
"""How long after its waking an outcast learns that it is out."""

Pairs = set[tuple[str, int]]


class Member(Protocol):
    """A worker, as its group knows it."""

    process: Process

    def own(self, pairs: Pairs) -> None:
        """These partitions are its own now."""

    def dealing(self) -> None:
        """The group is being dealt out anew."""


class Group:
    """Deals partitions. Belongs to no process."""

    def __init__(self, loop: VirtualLoop, random: Random, partitions: int, dealt: Callable[[float], None]) -> None:
        self._loop = loop
        self._random = random
        self._partitions = partitions
        self._dealt = dealt
        self._members: list[Member] = []
        self._owners: list[Member | None] = [None] * partitions
        self._generation = 0
        self.deals = 0

    def join(self, member: Member) -> None:
        """A worker comes, or comes back."""
        if member not in self._members and not member.process.dead:
            self._members.append(member)
            self.deal()

    def leave(self, member: Member) -> None:
        """A worker says that it goes."""
        if member in self._members:
            self._members.remove(member)
            self.deal()

    def unheard(self, member: Member) -> None:
        """A worker says nothing from now on. It is out if that lasts for a session."""
        self._loop.call_later(SESSION_SECONDS, self._expire, member)

    def _expire(self, member: Member) -> None:
        if member.process.dead or member.process.frozen:
            self.leave(member)

    def woken(self, member: Member) -> None:
        """A worker is back from being frozen."""
        self._loop.call_later(self._random.uniform(0.1, _NOTICES_WITHIN), self.join, member)

    def deal(self, shuffle: bool = False) -> None:
        """Deals the partitions out: as before where that is fair, by chance if ``shuffle``."""
        self._generation += 1
        self.deals += 1
        self._assign(shuffle)
        longest = 0.0
        for member in self._members:
            member.dealing()
            delay = self._random.uniform(0.02, 1.0)
            longest = max(longest, delay)
            self._loop.call_later(delay, self._tell, member, self._generation, context=member.process.context)
        self._dealt(longest)

    def _assign(self, shuffle: bool) -> None:
        if not self._members:
            self._owners = [None] * self._partitions
            return
        most = -(-self._partitions // len(self._members))
        held: dict[int, int] = dict.fromkeys(range(len(self._members)), 0)
        owners: list[Member | None] = []
        for owner in self._owners:
            index = self._members.index(owner) if owner in self._members else None
            if shuffle or index is None or held[index] == most:
                owners.append(None)
            else:
                held[index] += 1
                owners.append(owner)
        self._owners = [owner or self._members[self._fewest(held)] for owner in owners]

    def _fewest(self, held: dict[int, int]) -> int:
        fewest = min(held.values())
        index = self._random.choice([index for index, count in held.items() if count == fewest])
        held[index] += 1
        return index

    def _tell(self, member: Member, generation: int) -> None:
        if generation == self._generation:
            member.own(self._pairs(p for p, owner in enumerate(self._owners) if owner is member))

    @staticmethod
    def _pairs(partitions: Iterable[int]) -> Pairs:
        numbers = list(partitions)
        return {(topic, number) for sources in SOURCES.values() for topic in sources for number in numbers}
