"""What becomes of the messages that a simulated vendor took, and how it tells of it."""

import asyncio
from collections import Counter
from contextvars import Context
from random import Random

from schemas.times import SECOND, Micros
from streams.clock import Clock
from tests.oracle.evidence import Disturbance, Reported
from tests.simulation.manner import Account, Manner, Message, plain
from tests.simulation.news import News, Pushing
from tests.simulation.plan import Temper
from tests.simulation.spells import Spell
from tests.simulation.whims import Fate, dropped, fate

DEAD_NUMBER = "0405"
"""How a number ends at which nothing ever arrives: taken, then reported as failed."""
_ASKED_BY = 3_600.0
"""Seconds after which a report that was lost is made up for: it is asked for after half an hour."""
_PUSHED = 60.0
"""Seconds after which a push that goes well has surely been answered."""


class Deliveries:
    """``disturbances`` and ``befell`` are added to."""

    def __init__(
        self,
        manner: Manner,
        account: Account,
        pushing: Pushing,
        temper: Temper,
        clock: Clock,
        context: Context,
        disturbances: list[Disturbance],
        befell: Counter[str],
    ) -> None:
        self._manner = manner
        self._account = account
        self._pushing = pushing
        self._temper = temper
        self._clock = clock
        self._context = context
        self._disturbances = disturbances
        self._befell = befell
        self._shown_from: dict[str, Micros] = {}
        self._reports: list[tuple[Message, News]] = []

    @property
    def reported(self) -> list[Reported]:
        """What became of messages, once for each, whether or not its push was lost."""
        return [
            Reported(
                out_id=self._manner.out_id(message),
                number=plain(message.number),
                delivered=message.err_code == self._manner.words.delivered,
                err_code=message.err_code,
                reported_at=news.known_at,
                answered_at=news.answered_at,
                provider=self._manner.name,
                echoed=self._manner.echoes or (self._manner.channel == "sms" and self._temper.echoes),
            )
            for message, news in self._reports
        ]

    def shows(self, message: Message) -> bool:
        """Whether a question of this moment finds the message."""
        return self._clock.now() >= self._shown_from[message.message_id]

    def take(self, message: Message, random: Random, written_at: Micros, spell: Spell | None, *, early: bool) -> None:
        """A message was taken, whose request was written at ``written_at``. ``early``: it is reported at once."""
        words = self._manner.words
        to_be = fate(random, self._temper, words, early=early)
        if message.number.endswith(DEAD_NUMBER):
            to_be = to_be._replace(err_code=words.dead_number)
        elif spell is not None and spell.way == "drops" and spell.meets(plain(message.number)[:3]) and not early:
            to_be = dropped(random, to_be, words)
        self._befell.update(to_be.troubles)
        self._shown_from[message.message_id] = written_at + round(to_be.hidden_for * SECOND)
        self._disturb(to_be)
        if to_be.known_after is None:
            return
        if to_be.interim and (interim := self._manner.interim(message)) is not None:
            self._pushing.later(to_be.known_after / 2, "receipt", interim)
        asyncio.get_running_loop().call_later(to_be.known_after, self._know, message, to_be, context=self._context)

    def _disturb(self, to_be: Fate) -> None:
        felt_for = 0.0
        if to_be.known_after is None:
            pass  # there is nothing to hear
        elif to_be.pushed_after is None:
            felt_for = _ASKED_BY
        elif "late" in to_be.troubles:
            felt_for = to_be.known_after + to_be.pushed_after + _PUSHED
        felt_for = max(felt_for, to_be.hidden_for)
        if felt_for:
            now = self._clock.now()
            end = now + round(felt_for * SECOND)
            self._disturbances.append(Disturbance("news", now, end, self._manner.name))

    def _know(self, message: Message, to_be: Fate) -> None:
        self._account.conclude(message, to_be.err_code)
        news = News(self._clock.now())
        self._reports.append((message, news))
        if to_be.pushed_after is not None:
            self._pushing.later(to_be.pushed_after, "receipt", message.report(), news)
            if to_be.again_after is not None:
                self._pushing.later(to_be.pushed_after + to_be.again_after, "receipt", message.report(), news)
