"""The stand-in as a web application."""

import time
from collections.abc import Callable, Mapping

from orderbell.standins.service import SmsStandIn
from orderbell.standins.tencent.account import Account
from orderbell.standins.tencent.messages import Message
from orderbell.standins.tencent.pushes import TencentPushes
from orderbell.standins.tencent.texts import Texts


class TencentStandIn(SmsStandIn[Message]):
    """Serves one account. Numbers are E.164, with their sign."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        sdk_app_id: str,
        texts: Texts | None = None,
        pushes: TencentPushes | None = None,
        *,
        echoes: bool = False,
        report_after: float = 0.2,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        super().__init__(
            Account(secrets, sdk_app_id, texts, echoes=echoes, now=now, on_message=self.hear),
            pushes or TencentPushes(None),
            report_after=report_after,
            on_message=on_message,
        )
