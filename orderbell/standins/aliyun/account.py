"""One account at the vendor's: lets requests in by their signatures, takes messages, tells what became of them.

It waits for nothing and listens to nobody: a request's bytes go in, an answer's come out.
"""

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import msgspec

from orderbell.standins.account import Answer, Request
from orderbell.standins.aliyun.messages import DELIVERED, Message, page
from orderbell.standins.aliyun.signature import Signatures, parameters
from orderbell.standins.aliyun.texts import Texts
from orderbell.standins.wording import local_time

VERSION = "2017-05-25"
_MOST_NUMBERS = 1_000
_MOST_OUT_ID = 255


class Account:
    """``messages`` are those it took, ``refused`` the codes of its noes, both in order.

    ``now`` is the vendor's clock, in seconds. ``on_message`` hears of each message as it is taken.
    """

    def __init__(
        self,
        secrets: Mapping[str, str],
        texts: Texts | None = None,
        *,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._signatures = Signatures(secrets)
        self._texts = texts or Texts()
        self._now = now
        self._on_message = on_message
        self._counter = itertools.count(1)
        self.messages: list[Message] = []
        self.refused: list[str] = []

    def refuse(self, request: Request) -> Answer | None:
        """The front's no, or ``None``. A request may be looked at once."""
        method, target, headers, body = request
        refusal = self._signatures.refuse(method, target, headers, body, self._now())
        if refusal is not None:
            return self._answer({"Code": refusal.code}, refusal.status)
        if headers["x-acs-version"] != VERSION:
            return self._answer({"Code": "InvalidVersion"}, 400)
        if request.action not in ("SendSms", "QuerySendDetails"):
            return self._answer({"Code": "InvalidAction.NotFound"}, 404)
        return None

    def do(self, request: Request, shows: Callable[[Message], bool] = lambda _message: True) -> Answer:
        """Does what a request asks for that was not refused. A question is told of what ``shows`` lets it see."""
        asked = parameters(request.target) or {}
        return self._answer(self._send(asked) if request.action == "SendSms" else self._query(asked, shows))

    def conclude(self, message: Message, err_code: str = DELIVERED) -> None:
        """The carrier has said what became of a message. What it said first holds."""
        if message.reported_at is None:
            message.reported_at = self._now()
            message.err_code = err_code

    def reply(self, number: str, content: str) -> dict[str, Any]:
        """Somebody answers the last message to ``number``: one element of the array that is pushed."""
        return {
            "phone_number": number,
            "content": content,
            "send_time": local_time(self._now()),
            "dest_code": "1234",
            "sequence_id": str(next(self._counter)),
        }

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
            message = Message(
                biz_id=biz_id,
                number=number,
                signature=signature,
                template=template,
                parameters=values,
                out_id=out_id,
                text=text,
                sent_at=self._now(),
            )
            self.messages.append(message)
            self._on_message(message)
        return {"Code": "OK", "BizId": biz_id}

    def _query(self, asked: Mapping[str, str], shows: Callable[[Message], bool]) -> dict[str, Any]:
        phone, biz_id = asked.get("PhoneNumber"), asked.get("BizId")
        theirs = [message for message in self.messages if message.number == phone and shows(message)]
        if biz_id is not None:
            theirs = [message for message in theirs if message.biz_id == biz_id]
        found = page(theirs, asked, self._now())
        return {"Code": "isv.INVALID_PARAMETERS"} if found is None else {"Code": "OK", **found}

    def _answer(self, said: dict[str, Any], status: int = 200) -> Answer:
        code = said["Code"]
        if code != "OK":
            self.refused.append(code)
        body = msgspec.json.encode({**said, "Message": code, "RequestId": str(uuid4()).upper()})
        return Answer(status, code, body)


def _is_number(number: str) -> bool:
    if not number.isdecimal() or not number.isascii():
        return False
    return (len(number) == 11 and number.startswith("1")) or (7 <= len(number) <= 15 and number[0] not in "01")
