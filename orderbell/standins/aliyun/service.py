"""The stand-in as a web application."""

import time
from collections.abc import Callable, Mapping

from orderbell.standins.aliyun.account import Account
from orderbell.standins.aliyun.messages import Message
from orderbell.standins.aliyun.pushes import AliyunPushes
from orderbell.standins.aliyun.texts import Texts
from orderbell.standins.service import SmsStandIn


class AliyunStandIn(SmsStandIn[Message]):
    """Serves one account. Numbers are of 11 digits, without a country's code."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        texts: Texts | None = None,
        pushes: AliyunPushes | None = None,
        *,
        report_after: float = 0.2,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        super().__init__(
            Account(secrets, texts, now=now, on_message=self.hear),
            pushes or AliyunPushes(None),
            report_after=report_after,
            on_message=on_message,
        )
