"""The vendor: the stand-in's account behind a web port for each worker, with troubles, and a record of all of it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

from aiohttp import web

from orderbell.standins.account import Answer, Request
from orderbell.standins.aliyun.account import Account
from orderbell.standins.aliyun.messages import Message
from orderbell.standins.aliyun.signature import parameters
from orderbell.standins.aliyun.texts import Texts
from orderbell.standins.faults import Fault, befall
from schemas.times import SECOND, Micros
from streams.clock import SystemClock
from tests.oracle.evidence import Attempt, Disturbance, Replied, Reported
from tests.soak.options import KEY
from tests.soak.pushes import News, Pushes
from tests.soak.troubles import BAD_NUMBER, KIND, Fate, Temper, fate, trouble

DISTURBED: Micros = 30 * SECOND
"""How long a request that did not go well may be felt."""
_EARLY = 0.5
"""For how many seconds an answer is held back that a report overtakes."""


class Vendor:
    """``befell`` counts what went wrong, by its kind. ``temper`` may be changed at any time."""

    def __init__(self, seed: int, temper: Temper, callbacks: Callable[[], list[str]], texts: Texts) -> None:
        self.temper = temper
        self.befell: Counter[str] = Counter()
        self.attempts: list[Attempt] = []
        self.disturbances: list[Disturbance] = []
        self.pushes = Pushes(callbacks, Random(f"{seed}/pushes"))
        self._random = Random(f"{seed}/vendor")
        self._texts = texts
        self._clock = SystemClock()
        self._account = Account(dict([KEY]), texts, on_message=self._took)
        self._early = False
        self._reports: list[tuple[Message, News]] = []
        self._replies: list[tuple[str, str, News]] = []
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Makes ready to listen."""
        app = web.Application()
        app.router.add_route("*", "/", self._handle)
        self._runner = web.AppRunner(
            app, max_line_size=65_536, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()

    async def gate(self) -> str:
        """One more address at which it listens."""
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return "http://{}:{}".format(*self._runner.addresses[-1][:2])

    async def stop(self) -> None:
        """Listens no more, and pushes no more."""
        await self.pushes.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def calm(self) -> None:
        """From now on all goes well."""
        self.temper = KIND

    def reply(self, number: str, content: str) -> None:
        """The owner of ``number`` writes something back, now."""
        news = News(self._clock.now())
        self._replies.append((number, content, news))
        self.pushes.later(0.1, "replies", self._account.reply(number, content), news)

    # What is known in the end.

    @property
    def messages(self) -> list[Message]:
        """Those that were taken."""
        return self._account.messages

    @property
    def reported(self) -> list[Reported]:
        """What became of messages, once for each."""
        return [
            Reported(m.out_id, m.number, m.status == 3, m.err_code, news.known_at, news.answered_at)
            for m, news in self._reports
        ]

    @property
    def replied(self) -> list[Replied]:
        """What was written back."""
        return [Replied(number, content, news.known_at, news.answered_at) for number, content, news in self._replies]

    # A request.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        begun_at = self._clock.now()
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(request.method, request.raw_path, headers, await request.read())
        fault = trouble(self._random, self.temper, asked.action)
        self._early = fault is None and self._random.random() < self.temper.early
        early = self._early
        said = self._said(asked, fault)
        # Judged by whether somebody may have heard it, which a fault spoils but for the vendor's own no.
        heard = said if fault is None or fault.how == "slow" else None
        taken = said is not None and said.code == "OK"
        if fault is not None and fault.how == "answer" and fault.body.startswith("{"):
            heard = Answer(fault.status, fault.body.partition('"Code":"')[2].partition('"')[0], b"")
        try:
            if fault is None:
                assert said is not None
                await asyncio.sleep(_EARLY if early else 0)
                return web.Response(status=said.status, body=said.body, content_type="application/json")
            self._note(fault, begun_at)
            return await befall(fault, request, b'{"Code":"OK"}' if said is None else said.body)
        except asyncio.CancelledError:  # whoever asked has gone
            heard = None
            raise
        finally:
            if asked.action == "SendSms":
                self._remember(asked, begun_at, heard, taken=taken)

    def _said(self, asked: Request, fault: Fault | None) -> Answer | None:
        """What the account made of a request, ``None`` where it never came to it."""
        refusal = self._account.refuse(asked)
        if refusal is not None:
            return refusal
        if fault is not None and not fault.taken:
            return None
        if (parameters(asked.target) or {}).get("PhoneNumbers", "").endswith(BAD_NUMBER):
            return Answer(200, "isv.MOBILE_NUMBER_ILLEGAL", b'{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}')
        return self._account.do(asked)

    def _note(self, fault: Fault, at: Micros) -> None:
        what = f"{fault.status}" if fault.how == "answer" else fault.how
        self.befell[f"{fault.action} {what}"] += 1
        self.disturbances.append(Disturbance("vendor", at, at + DISTURBED))

    def _remember(self, asked: Request, begun_at: Micros, heard: Answer | None, *, taken: bool) -> None:
        said = parameters(asked.target) or {}
        text = (said.get("SignName", ""), said.get("TemplateCode", ""), said.get("TemplateParam", ""))
        self.attempts.append(
            Attempt(
                out_id=said.get("OutId", ""),
                number=said.get("PhoneNumbers", ""),
                text=self._texts.render(*text) if self._texts.refuse(*text) is None else "",
                begun_at=begun_at,
                ended_at=self._clock.now(),
                taken=taken,
                answer="neither" if heard is None else "yes" if heard.code == "OK" else "no",
                code="" if heard is None or heard.code == "OK" else heard.code,
            )
        )

    def _took(self, message: Message) -> None:
        fate_ = fate(self._random, self.temper, early=self._early)
        if fate_.pushed_after is not None:
            asyncio.get_running_loop().call_later(fate_.pushed_after, self._report, message, fate_)

    def _report(self, message: Message, fate_: Fate) -> None:
        self._account.conclude(message, fate_.err_code)
        news = News(self._clock.now())
        self._reports.append((message, news))
        self.pushes.later(0, "receipts", message.report(), news)
        if fate_.again_after is not None:
            self.pushes.later(fate_.again_after, "receipts", message.report(), news)
