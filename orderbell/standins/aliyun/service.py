"""Aliyun SMS as a web application: takes messages, tells what became of them, fails when told to."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web

from orderbell.standins.aliyun.faults import Fault, befall
from orderbell.standins.aliyun.messages import DELIVERED, Message, local_time, page
from orderbell.standins.aliyun.pushes import Pushes
from orderbell.standins.aliyun.signature import Signatures, parameters
from orderbell.standins.aliyun.texts import Texts

VERSION = "2017-05-25"
_MOST_NUMBERS = 1_000
_MOST_OUT_ID = 255


class AliyunStandIn:
    """One account at the vendor's.

    ``messages`` are those it took, ``refused`` the codes of its noes, both in order. ``faults`` befall the next
    requests, one each. ``fates`` says by number what a telephone makes of its messages: an ``err_code``, or ``None``
    where no report ever comes; others are delivered. ``on_message`` hears of each message as it is taken.
    """

    def __init__(
        self,
        secrets: Mapping[str, str],
        texts: Texts | None = None,
        pushes: Pushes | None = None,
        *,
        report_after: float = 0.2,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._signatures = Signatures(secrets)
        self._texts = texts or Texts()
        self._pushes = pushes or Pushes(None)
        self._report_after = report_after
        self._now = now
        self._on_message = on_message
        self._counter = itertools.count(1)
        self._unreported: deque[Message] = deque()
        self._reporting: asyncio.TimerHandle | None = None
        self._runner: web.AppRunner | None = None
        self.messages: list[Message] = []
        self.refused: list[str] = []
        self.faults: deque[Fault] = deque()
        self.fates: dict[str, str | None] = {}

    async def start(self, port: int = 0) -> str:
        """Listens on loopback. Returns the address."""
        app = web.Application()
        app.router.add_route("*", "/", self._handle)
        # A message's parameters are all in the query, escaped: nine bytes for each Chinese character.
        self._runner = web.AppRunner(app, max_line_size=65_536, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def stop(self) -> None:
        """Listens no more, and pushes no more."""
        if self._reporting is not None:
            self._reporting.cancel()
        await self._pushes.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def reply(self, number: str, content: str) -> None:
        """Somebody answers the last message to ``number``."""
        element = {
            "phone_number": number,
            "content": content,
            "send_time": local_time(self._now()),
            "dest_code": "1234",
            "sequence_id": str(next(self._counter)),
        }
        self._pushes.push("replies", [element])

    def report(self, messages: list[Message]) -> None:
        """Reports messages, again if they were before."""
        for message in messages:
            if message.reported_at is None:
                message.reported_at = self._now()
                message.err_code = self.fates.get(message.number) or DELIVERED
        self._pushes.push("receipts", [message.report() for message in messages])

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        refusal = self._signatures.refuse(request.method, request.raw_path, headers, body, self._now())
        if refusal is not None:
            return self._respond({"Code": refusal.code}, refusal.status)
        if headers["x-acs-version"] != VERSION:
            return self._respond({"Code": "InvalidVersion"}, 400)
        action = headers["x-acs-action"]
        if action not in ("SendSms", "QuerySendDetails"):
            return self._respond({"Code": "InvalidAction.NotFound"}, 404)
        fault = self._fault(action)
        if fault is not None and not fault.taken:
            return await befall(fault, request, _encode({"Code": "OK"}))
        asked = parameters(request.raw_path) or {}
        said = self._send(asked) if action == "SendSms" else self._query(asked)
        return self._respond(said) if fault is None else await befall(fault, request, _encode(said))

    def _fault(self, action: str) -> Fault | None:
        for fault in self.faults:
            if fault.action == action:
                self.faults.remove(fault)
                return fault
        return None

    def _send(self, asked: Mapping[str, str]) -> dict[str, Any]:
        numbers = asked.get("PhoneNumbers", "").split(",")
        signature, template = asked.get("SignName", ""), asked.get("TemplateCode", "")
        values, out_id = asked.get("TemplateParam", ""), asked.get("OutId", "")
        if len(numbers) > _MOST_NUMBERS:
            return {"Code": "isv.MOBILE_COUNT_OVER_LIMIT"}
        if not all(_is_number(number) for number in numbers):
            return {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}
        if len(out_id) > _MOST_OUT_ID:
            return {"Code": "isv.INVALID_PARAMETERS"}
        code = self._texts.refuse(signature, template, values)
        if code is not None:
            return {"Code": code}
        biz_id = f"{900619746936498440 + next(self._counter)}^0"
        text = self._texts.render(signature, template, values)
        for number in numbers:
            self._take(
                Message(
                    biz_id=biz_id,
                    number=number,
                    signature=signature,
                    template=template,
                    parameters=values,
                    out_id=out_id,
                    text=text,
                    sent_at=self._now(),
                )
            )
        return {"Code": "OK", "BizId": biz_id}

    def _query(self, asked: dict[str, str]) -> dict[str, Any]:
        found = page(self.messages, asked, self._now())
        return {"Code": "isv.INVALID_PARAMETERS"} if found is None else {"Code": "OK", **found}

    def _take(self, message: Message) -> None:
        self.messages.append(message)
        self._on_message(message)
        if self.fates.get(message.number, DELIVERED) is None:
            return
        self._unreported.append(message)
        if self._reporting is None:
            self._reporting = asyncio.get_running_loop().call_later(self._report_after, self._report_all)

    def _report_all(self) -> None:
        self._reporting = None
        messages = list(self._unreported)
        self._unreported.clear()
        self.report(messages)

    def _respond(self, said: dict[str, Any], status: int = 200) -> web.Response:
        if said["Code"] != "OK":
            self.refused.append(said["Code"])
        # No charset beside the type: there are SDKs that then take an error for a success.
        return web.Response(status=status, body=_encode(said), content_type="application/json")


def _encode(said: dict[str, Any]) -> bytes:
    return msgspec.json.encode({**said, "Message": said["Code"], "RequestId": str(uuid4()).upper()})


def _is_number(number: str) -> bool:
    if not number.isdecimal() or not number.isascii():
        return False
    return (len(number) == 11 and number.startswith("1")) or (7 <= len(number) <= 15 and number[0] not in "01")
