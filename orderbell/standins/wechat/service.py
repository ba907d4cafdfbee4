"""The stand-in as a web application."""

import time
from collections.abc import Callable
from typing import Literal

from orderbell.standins.commands import Command, Gone
from orderbell.standins.service import StandIn
from orderbell.standins.wechat.account import Account
from orderbell.standins.wechat.messages import Message, event
from orderbell.standins.wechat.pushes import WechatPushes
from orderbell.standins.wechat.templates import Templates


class WechatStandIn(StandIn[Message]):
    """Serves one account. Numbers are the ids of followers; a fate is why a message does not arrive, in the vendor's
    words (``user block``, ``system failed``, ``freq limit``)."""

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        templates: Templates | None = None,
        pushes: WechatPushes | None = None,
        *,
        lasts: int = 7_200,
        duplicates: Literal["answered", "refused"] = "answered",
        report_after: float = 0.2,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._now = now
        self.account = Account(
            app_id, app_secret, templates, lasts=lasts, duplicates=duplicates, now=now, on_message=self.hear
        )
        super().__init__(self.account, pushes or WechatPushes(None), report_after=report_after, on_message=on_message)

    def obey(self, command: Command) -> bool:
        """Does what it is told to."""
        if isinstance(command, Gone):
            self.leave(command.number)
            return True
        return super().obey(command)

    def leave(self, number: str) -> None:
        """Somebody follows the account no more."""
        self.account.gone.add(number)
        self.push("receipts", [event(number, self._now(), "unsubscribe", EventKey="")])
