"""What becomes of the messages that the simulated vendor took, and how it tells of it."""

import asyncio
from collections import Counter
from contextvars import Context
from random import Random

from orderbell.standins.aliyun.account import Account
from orderbell.standins.aliyun.messages import DELIVERED, Message
from schemas.times import SECOND, Micros
from streams.clock import Clock
from tests.oracle.evidence import Disturbance, Reported
from tests.simulation.news import News, Pushing
from tests.simulation.plan import Temper
from tests.simulation.whims import Fate, fate

DEAD_NUMBER = "0405"
"""How a number ends at which nothing ever arrives: taken, then reported as ``INVALID_NUMBER``."""
_ASKED_BY = 3_600.0
"""Seconds after which a report that was lost is made up for: it is asked for after half an hour."""
_PUSHED = 60.0
"""Seconds after which a push that goes well has surely been answered."""


class Deliveries:
    """``disturbances`` and ``befell`` are added to."""

    def __init__(
        self,
        account: Account,
        pushing: Pushing,
        temper: Temper,
        clock: Clock,
        context: Context,
        disturbances: list[Disturbance],
        befell: Counter[str],
    ) -> None:
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
                out_id=message.out_id,
                number=message.number,
                delivered=message.err_code == DELIVERED,
                err_code=message.err_code,
                reported_at=news.known_at,
                answered_at=news.answered_at,
            )
            for message, news in self._reports
        ]

    def shows(self, message: Message) -> bool:
        """Whether a question of this moment finds the message."""
        return self._clock.now() >= self._shown_from[message.biz_id]

    def take(self, message: Message, random: Random, written_at: Micros, *, early: bool) -> None:
        """A message was taken, whose request was written at ``written_at``. ``early``: it is reported at once."""
        to_be = fate(random, self._temper, early=early)
        if message.number.endswith(DEAD_NUMBER):
            to_be = to_be._replace(err_code="INVALID_NUMBER")
        self._befell.update(to_be.troubles)
        self._shown_from[message.biz_id] = written_at + round(to_be.hidden_for * SECOND)
        self._disturb(to_be)
        if to_be.interim:
            interim = {**message.report(), "success": False, "err_code": "REQUEST_SUCCESS"}
            self._pushing.later(to_be.known_after / 2, "receipt", interim)
        asyncio.get_running_loop().call_later(to_be.known_after, self._know, message, to_be, context=self._context)

    def _disturb(self, to_be: Fate) -> None:
        felt_for = 0.0
        if to_be.pushed_after is None:
            felt_for = _ASKED_BY
        elif "late" in to_be.troubles:
            felt_for = to_be.known_after + to_be.pushed_after + _PUSHED
        felt_for = max(felt_for, to_be.hidden_for)
        if felt_for:
            now = self._clock.now()
            self._disturbances.append(Disturbance("vendor", now, now + round(felt_for * SECOND)))

    def _know(self, message: Message, to_be: Fate) -> None:
        self._account.conclude(message, to_be.err_code)
        news = News(self._clock.now())
        self._reports.append((message, news))
        if to_be.pushed_after is not None:
            self._pushing.later(to_be.pushed_after, "receipt", message.report(), news)
            if to_be.again_after is not None:
                self._pushing.later(to_be.pushed_after + to_be.again_after, "receipt", message.report(), news)
