"""What customers write back to a simulated vendor's messages, and how it tells of it."""

from collections import Counter
from random import Random

from streams.clock import Clock
from tests.oracle.evidence import Replied
from tests.simulation.manner import Account, Manner, plain
from tests.simulation.news import News, Pushing
from tests.simulation.plan import Temper


class Replies:
    """``befell`` is added to."""

    def __init__(
        self,
        seed: int,
        manner: Manner,
        account: Account,
        pushing: Pushing,
        temper: Temper,
        clock: Clock,
        befell: Counter[str],
    ) -> None:
        self._seed = seed
        self._manner = manner
        self._account = account
        self._pushing = pushing
        self._temper = temper
        self._clock = clock
        self._befell = befell
        self._came: Counter[str] = Counter()
        self._replies: list[tuple[str, str, News]] = []

    @property
    def replied(self) -> list[Replied]:
        """What was written back, once for each."""
        return [
            Replied(plain(number), content, news.known_at, news.answered_at, self._manner.name)
            for number, content, news in self._replies
        ]

    def take(self, number: str, content: str) -> None:
        """The owner of ``number`` (E.164, or as the oracle knows it) writes something, now."""
        theirs = self._manner.writes(number)
        self._came[theirs] += 1
        random = Random(f"{self._seed}/{self._manner.name}/reply/{theirs}/{self._came[theirs]}")
        news = News(self._clock.now())
        self._replies.append((theirs, content, news))
        element = self._account.reply(theirs, content)
        delay = random.uniform(0.1, 4)
        if random.random() < self._temper.late:
            self._befell["late"] += 1
            delay += random.choice((60, 7_200)) * random.random()
        self._pushing.later(delay, "reply", element, news)
        if random.random() < self._temper.again:
            self._befell["again"] += 1
            self._pushing.later(delay + random.choice((0, 5, 20_000)), "reply", element, news)
