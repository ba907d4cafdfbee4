"""A simulated vendor: the stand-in's account, in virtual time and with a temper.

It is a process of its own: what was written to it goes on there, whatever becomes of the worker that wrote. Each chance
is drawn for one request, message or reply from its own ids, so it depends on nothing else in the run.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import replace
from random import Random
from typing import Any

from yarl import URL

from agents.gateways.gateway import AnyGateway, Hindrance
from agents.gateways.http import Reply
from orderbell.standins.account import Answer, Request
from schemas.calls import SendResult
from schemas.times import SECOND, Micros
from streams.clock import Clock
from tests.oracle.evidence import Attempt, Replied, Reported
from tests.simulation.calls import attempts
from tests.simulation.deliveries import Deliveries
from tests.simulation.line import Call, Heard, Line
from tests.simulation.manner import Asked, Manner, Message
from tests.simulation.moods import Moods
from tests.simulation.news import Push, Pushing
from tests.simulation.plan import Temper
from tests.simulation.replies import Replies
from tests.simulation.spoilt import nonsense, page


class Vendor:
    """``push`` brings a push to some worker. ``befell`` counts what went wrong by ways of its temper, and spells."""

    def __init__(self, seed: int, temper: Temper, clock: Clock, push: Push, manner: Manner) -> None:
        self._seed = f"{seed}/{manner.name}"
        self._temper = temper
        self._clock = clock
        self._manner = manner
        self._context = copy_context()
        self._moods = Moods(self._seed, manner.name, temper, manner.words, clock)
        self._seen: Counter[str] = Counter()
        self._calls: list[Call] = []
        self._ours: dict[str, str] = {}  # our own ids by those that the vendor knows
        self._doing: Call | None = None
        self.befell, self.disturbances = self._moods.befell, self._moods.disturbances
        self._account = manner.account(self._now, self._took, echoes=temper.echoes)
        pushing = Pushing(push, manner, clock, self._context)
        self._deliveries = Deliveries(
            manner, self._account, pushing, temper, clock, self._context, self.disturbances, self.befell
        )
        self._replies = Replies(seed, manner, self._account, pushing, temper, clock, self.befell)

    def gateway(self, clock: Clock | None = None) -> AnyGateway:
        """That of one worker: the real one, whose requests come here. ``clock``: its own, if not the world's."""
        own = clock or self._clock
        gateway = self._manner.gateway(Line(self, own), own)
        return gateway if self._manner.channel == "sms" else _Noted(gateway, self._note)

    def _note(self, out_id: str) -> None:
        self._ours[self._manner.named(out_id)] = out_id

    def _named(self, theirs: str) -> str:
        return self._ours.get(theirs, theirs)

    def reply(self, number: str, content: str) -> None:
        """The owner of ``number`` (E.164, or as the oracle knows it) writes something back, now."""
        self._replies.take(number, content)

    def told_at(self, number: str) -> Micros:
        """When something to ``number`` was last taken; 0 for never."""
        theirs = self._manner.writes(number)
        return max((call.written_at for call in self._calls if call.taken and call.asked.number == theirs), default=0)

    # What is known in the end.

    @property
    def attempts(self) -> list[Attempt]:
        """Every request to send a message that was written."""
        return list(attempts(self._calls, self._manner, self._named))

    @property
    def reported(self) -> list[Reported]:
        """What became of messages, once for each, whether or not its push was lost."""
        return [replace(report, out_id=self._named(report.out_id)) for report in self._deliveries.reported]

    @property
    def replied(self) -> list[Replied]:
        """What was written back, once for each."""
        return self._replies.replied

    # A request.

    def expect(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> Call:
        """Decides how a request will go."""
        request = Request(method, url.raw_path_qs, {name.lower(): value for name, value in headers.items()}, body)
        asked = self._manner.asked(request)
        random = self._random(f"question/{asked.number}" if asked.question else f"message/{asked.out_id}")
        course = self._moods.course(random, asked.template, question=asked.question)
        if course.how == "no" and self._takes(asked):
            course = course._replace(how="reset")  # what is wrong with a message was wrong before
        return Call(request, asked, random, course)

    def written(self, call: Call) -> None:
        """A request was written: it goes on here, and what comes back is its ``answer``."""
        call.written_at = self._clock.now()
        if not call.asked.question:
            self._calls.append(call)
        loop = asyncio.get_running_loop()
        if call.course.takes_after is not None:
            loop.call_later(call.course.takes_after, self._do, call, context=self._context)
        if call.course.answers_after is not None:
            loop.call_later(call.course.answers_after, self._answer, call, context=self._context)

    def _do(self, call: Call) -> None:
        refusal = self._account.refuse(call.request)
        if refusal is None and self._manner.is_bad(call.asked):
            refusal = self._manner.no(call.asked, self._manner.words.bad_number)
        self._doing = call
        call.said = refusal or self._account.do(call.request, self._deliveries.shows)

    def _takes(self, asked: Asked) -> bool:
        """Whether the same message was posted before, and is taken if only the account does not refuse it."""
        posted = (call for call in self._calls if asked.single and call.asked.single == asked.single)
        return any(call.course.takes_after is not None for call in posted)

    def _took(self, message: Message) -> None:
        call = self._doing
        assert call is not None
        call.taken = True
        early = "early" in call.course.troubles
        self._deliveries.take(message, call.random, call.written_at, self._moods.lasting(), early=early)

    def _answer(self, call: Call) -> None:
        if not call.answer.done():  # whoever asked may have given up
            call.answer.set_result(_comes_back(call, self._manner))

    def _now(self) -> float:
        return (self._clock.now() + self._temper.skew) / SECOND

    def _random(self, about: str) -> Random:
        """Chance, for the next of this."""
        self._seen[about] += 1
        return Random(f"{self._seed}/{about}/{self._seen[about]}")


class _Noted:
    """A worker's gateway, before which it is noted what is sent."""

    def __init__(self, gateway: Any, note: Callable[[str], None]) -> None:
        self.name: str = gateway.name
        self._gateway = gateway
        self._note = note

    async def send(self, request: Any, hindrance: Hindrance) -> SendResult:
        """Sends a message."""
        self._note(request.out_id)
        return await self._gateway.send(request, hindrance)  # type: ignore[no-any-return]  # it is a gateway


def _comes_back(call: Call, manner: Manner) -> Heard:
    match call.course.how:
        case "answer":
            assert call.said is not None
            return _word(call.said)
        case "no":
            return _word(manner.no(call.asked, call.course.no))
        case "page":
            return Heard(page(call.random))
        case "reset":
            return Heard("reset")
        case "cut":
            return Heard(call.random.choice(("truncated", "truncated", "not_http", "too_long")))
        case "nonsense":
            return Heard(nonsense(call.random, call.said, manner.words.nonsense))


def _word(answer: Answer) -> Heard:
    reply = Reply(answer.status, answer.body)
    return Heard(reply, "yes") if answer.code == "OK" else Heard(reply, "no", answer.code)
