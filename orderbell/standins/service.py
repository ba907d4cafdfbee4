"""A stand-in as a web application: an account that is reached by HTTP, pushes its news, and fails when told to."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Generic

from aiohttp import web

from orderbell.standins.account import Account, Answer, M, Request, SmsAccount
from orderbell.standins.commands import Befall, Command, Fate, Hush, Last, Reply
from orderbell.standins.faults import Fault, befall
from orderbell.standins.pushes import Path, Pushes


class StandIn(Generic[M]):
    """Serves one account.

    ``faults`` befall the next requests, one each; ``lasting`` ones, by action, all requests for as long as they stand
    there. ``fates`` says by number, as the vendor writes it, what a telephone makes of its messages: the code of a
    report, or ``None`` where no report ever comes; ``*`` stands for all others, which else are delivered. Of numbers in
    ``hushed`` no report is pushed: who wants to know must ask.
    ``on_message`` hears of each message as it is taken; the account must tell ``hear`` of it.
    """

    def __init__(
        self,
        account: Account[M],
        pushes: Pushes,
        *,
        report_after: float,
        on_message: Callable[[M], None],
    ) -> None:
        self._account = account
        self._pushes = pushes
        self._report_after = report_after
        self._on_message = on_message
        self._unreported: deque[M] = deque()
        self._reporting: asyncio.TimerHandle | None = None
        self._runner: web.AppRunner | None = None
        self.faults: deque[Fault] = deque()
        self.lasting: dict[str, Fault] = {}
        self.fates: dict[str, str | None] = {}
        self.hushed: set[str] = set()

    @property
    def messages(self) -> list[M]:
        """Those it took, in order."""
        return self._account.messages

    @property
    def refused(self) -> list[str]:
        """The codes of its noes, in order."""
        return self._account.refused

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listens, on the loopback if nothing else is said. Returns the address."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        # At Aliyun a message's parameters are all in the query, escaped: nine bytes for each Chinese character.
        self._runner = web.AppRunner(app, max_line_size=65_536, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def hide(self) -> None:
        """Listens no more until it is started again: connections are refused. It pushes all the same."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def stop(self) -> None:
        """Listens no more, and pushes no more."""
        if self._reporting is not None:
            self._reporting.cancel()
        await self._pushes.stop()
        await self.hide()

    def obey(self, command: Command) -> bool:
        """Does what it is told to, if that is anything that it can."""
        match command:
            case Fate(number, err_code):
                self.fates[number] = err_code
            case Hush(number):
                self.hushed.add(number)
            case Befall(fault):
                self.faults.append(fault)
            case Last(action, None):
                self.lasting.pop(action, None)
            case Last(action, Fault() as fault):
                self.lasting[action] = fault
            case _:
                return False
        return True

    def report(self, messages: list[M]) -> None:
        """Reports messages, again if they were before."""
        for message in messages:
            if fate := self._fate(message):
                self._account.conclude(message, fate)
            else:
                self._account.conclude(message)
        self.push("receipts", [m.report() for m in messages if self.wanted(m)])

    def wanted(self, message: M) -> bool:
        """Whether a report of it is pushed."""
        return message.number not in self.hushed

    def push(self, path: Path, elements: list[dict[str, Any]]) -> None:
        """Pushes news."""
        self._pushes.push(path, elements)

    def hear(self, message: M) -> None:
        """A message was taken: its report is to come."""
        self._on_message(message)
        if self._fate(message) is None:
            return
        self._unreported.append(message)
        if self._reporting is None:
            self._reporting = asyncio.get_running_loop().call_later(self._report_after, self._report_all)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(request.method, request.raw_path, headers, await request.read())
        refusal = self._account.refuse(asked)
        if refusal is not None:
            return _response(refusal)
        fault = self._fault(asked.action)
        if fault is None:
            return _response(self._account.do(asked))
        return await befall(fault, request, self._account.do(asked).body if fault.taken else b"{}")

    def _fault(self, action: str) -> Fault | None:
        for fault in self.faults:
            if fault.action == action:
                self.faults.remove(fault)
                return fault
        return self.lasting.get(action)

    def _fate(self, message: M) -> str | None:
        """A report's code, empty for that of an arrival; ``None`` for no report."""
        return self.fates.get(message.number, self.fates.get("*", ""))

    def _report_all(self) -> None:
        self._reporting = None
        messages = list(self._unreported)
        self._unreported.clear()
        self.report(messages)


class SmsStandIn(StandIn[M]):
    """A stand-in for text messages: somebody can answer them."""

    def __init__(
        self,
        account: SmsAccount[M],
        pushes: Pushes,
        *,
        report_after: float,
        on_message: Callable[[M], None],
    ) -> None:
        super().__init__(account, pushes, report_after=report_after, on_message=on_message)
        self._answered = account

    def obey(self, command: Command) -> bool:
        """Does what it is told to."""
        if isinstance(command, Reply):
            self.reply(command.number, command.content)
            return True
        return super().obey(command)

    def reply(self, number: str, content: str) -> None:
        """Somebody answers the last message to ``number``."""
        self.push("replies", [self._answered.reply(number, content)])


def _response(answer: Answer) -> web.Response:
    # No charset beside the type: there are SDKs that then take an error for a success.
    return web.Response(status=answer.status, body=answer.body, content_type="application/json")
