"""The simulated vendor: the stand-in's account, in virtual time and with a temper.

It is a process of its own: what was written to it goes on there, whatever becomes of the worker that wrote. Each chance
is drawn for one request, message or reply from its own ids, so it depends on nothing else in the run.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextvars import copy_context
from random import Random

from yarl import URL

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Reply
from orderbell.standins.account import Answer, Request
from orderbell.standins.aliyun.account import Account
from orderbell.standins.aliyun.messages import Message
from orderbell.standins.aliyun.signature import parameters
from orderbell.standins.aliyun.texts import Texts
from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.settings import Aliyun, Secret
from tests.oracle.evidence import Attempt, Disturbance, Replied, Reported
from tests.simulation.deliveries import Deliveries
from tests.simulation.line import Call, Heard, Line
from tests.simulation.news import Push, Pushing
from tests.simulation.plan import Temper
from tests.simulation.replies import Replies
from tests.simulation.spells import LASTS, Spells
from tests.simulation.spoilt import no, nonsense, page
from tests.simulation.whims import course

BAD_NUMBER = "0404"
"""How a number ends that the vendor never takes: ``isv.MOBILE_NUMBER_ILLEGAL``. That is no disturbance."""
DISTURBED: Micros = 60 * SECOND
"""How long a request that did not go well may be felt."""
_ACCOUNT = Aliyun(Secret("key"), Secret("secret"), "http://vendor.test")


class Vendor:
    """``push`` brings a push to some worker. ``befell`` counts what went wrong by ways of its temper, and spells."""

    def __init__(self, seed: int, temper: Temper, clock: Clock, push: Push, texts: Texts | None = None) -> None:
        self._seed = seed
        self._temper = temper
        self._clock = clock
        self._texts = texts or Texts()
        self._context = copy_context()
        self._spells = Spells(seed, temper)
        self._felt: set[Micros] = set()  # when the spells began in which something was asked
        self._seen: Counter[str] = Counter()
        self._calls: list[Call] = []
        self._doing: Call | None = None
        self.befell: Counter[str] = Counter()
        self.disturbances: list[Disturbance] = []
        self._account = Account(
            {_ACCOUNT.access_key_id: _ACCOUNT.access_key_secret}, self._texts, now=self._now, on_message=self._took
        )
        pushing = Pushing(push, clock, self._context)
        self._deliveries = Deliveries(
            self._account, pushing, temper, clock, self._context, self.disturbances, self.befell
        )
        self._replies = Replies(seed, self._account, pushing, temper, clock, self.befell)

    def gateways(self, clock: Clock | None = None) -> Mapping[str, SmsGateway]:
        """Those of one worker: the real one, whose requests come here. ``clock``: its own, if not the world's."""
        own = clock or self._clock
        return {"aliyun": AliyunGateway(_ACCOUNT, Line(self, own), own)}

    def reply(self, number: str, content: str) -> None:
        """The owner of ``number`` (E.164, or as the vendor writes it) writes something back, now."""
        self._replies.take(number, content)

    # What is known in the end.

    @property
    def attempts(self) -> list[Attempt]:
        """Every request to send a message that was written."""
        return [
            Attempt(
                out_id=call.asked["OutId"],
                number=call.asked["PhoneNumbers"],
                text=self._text(call),
                begun_at=call.written_at,
                ended_at=call.ended_at,
                taken=call.taken,
                answer=call.heard.word,
                code=call.heard.code,
            )
            for call in self._calls
        ]

    @property
    def reported(self) -> list[Reported]:
        """What became of messages, once for each, whether or not its push was lost."""
        return self._deliveries.reported

    @property
    def replied(self) -> list[Replied]:
        """What was written back, once for each."""
        return self._replies.replied

    def _text(self, call: Call) -> str:
        text = (call.asked["SignName"], call.asked["TemplateCode"], call.asked.get("TemplateParam", ""))
        return self._texts.render(*text) if self._texts.refuse(*text) is None else ""

    # A request.

    def expect(self, url: URL, headers: Mapping[str, str], body: bytes) -> Call:
        """Decides how a request will go."""
        request = Request("POST", url.raw_path_qs, {name.lower(): value for name, value in headers.items()}, body)
        asked = parameters(request.target) or {}
        question = request.action != "SendSms"
        random = self._random(f"question/{asked['PhoneNumber']}" if question else f"message/{asked['OutId']}")
        call = Call(request, asked, random, course(random, self._temper_now(), question=question))
        self.befell.update(call.course.troubles)
        if set(call.course.troubles) - {"early"}:
            self._disturb(self._clock.now())
        return call

    def _temper_now(self) -> Temper:
        spell = self._spells.at(self._clock.now())
        if spell is None:
            return self._temper
        began_at, temper = spell
        if began_at not in self._felt:
            self._felt.add(began_at)
            self.befell["spell"] += 1
            self._disturb(began_at, LASTS)
        return temper

    def _disturb(self, begin: Micros, lasts: Micros = 0) -> None:
        self.disturbances.append(Disturbance("vendor", begin, begin + lasts + DISTURBED))

    def written(self, call: Call) -> None:
        """A request was written: it goes on here, and what comes back is its ``answer``."""
        call.written_at = self._clock.now()
        if call.request.action == "SendSms":
            self._calls.append(call)
        loop = asyncio.get_running_loop()
        if call.course.takes_after is not None:
            loop.call_later(call.course.takes_after, self._do, call, context=self._context)
        if call.course.answers_after is not None:
            loop.call_later(call.course.answers_after, self._answer, call, context=self._context)

    def _do(self, call: Call) -> None:
        refusal = self._account.refuse(call.request)
        if refusal is None and call.asked.get("PhoneNumbers", "").endswith(BAD_NUMBER):
            refusal = no(200, "isv.MOBILE_NUMBER_ILLEGAL")
        self._doing = call
        call.said = refusal or self._account.do(call.request, self._deliveries.shows)

    def _took(self, message: Message) -> None:
        call = self._doing
        assert call is not None
        call.taken = True
        early = "early" in call.course.troubles
        self._deliveries.take(message, call.random, call.written_at, early=early)

    def _answer(self, call: Call) -> None:
        if not call.answer.done():  # whoever asked may have given up
            call.answer.set_result(_comes_back(call))

    def _now(self) -> float:
        return (self._clock.now() + self._temper.skew) / SECOND

    def _random(self, about: str) -> Random:
        """Chance, for the next of this."""
        self._seen[about] += 1
        return Random(f"{self._seed}/{about}/{self._seen[about]}")


def _comes_back(call: Call) -> Heard:
    match call.course.how:
        case "answer":
            assert call.said is not None
            return _word(call.said)
        case "no":
            return _word(no(*call.course.no))
        case "page":
            return Heard(page(call.random))
        case "reset":
            return Heard("reset")
        case "cut":
            return Heard(call.random.choice(("truncated", "truncated", "not_http", "too_long")))
        case "nonsense":
            return Heard(nonsense(call.random, call.said))


def _word(answer: Answer) -> Heard:
    reply = Reply(answer.status, answer.body)
    return Heard(reply, "yes") if answer.code == "OK" else Heard(reply, "no", answer.code)
