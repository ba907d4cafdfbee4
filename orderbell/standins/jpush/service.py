"""The stand-in as a web application."""

import time
from collections.abc import Callable, Mapping

from orderbell.standins.commands import Command, Gone, Touch
from orderbell.standins.jpush.account import Account
from orderbell.standins.jpush.messages import ARRIVED, NOT_ARRIVED, Message
from orderbell.standins.jpush.pushes import JPushPushes
from orderbell.standins.service import StandIn


class JPushStandIn(StandIn[Message]):
    """Serves one app. Numbers are the ids of devices; a fate is the code for why a push does not arrive."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        pushes: JPushPushes | None = None,
        *,
        report_after: float = 0.2,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._app = Account(secrets, now=now, on_message=self.hear)
        super().__init__(self._app, pushes or JPushPushes(None), report_after=report_after, on_message=on_message)

    @property
    def gone(self) -> set[str]:
        """The devices that are no more."""
        return self._app.gone

    def obey(self, command: Command) -> bool:
        """Does what it is told to."""
        match command:
            case Touch(number):
                self.touch(number)
            case Gone(number):
                self.gone.add(number)
            case _:
                return super().obey(command)
        return True

    def touch(self, number: str) -> None:
        """Somebody touches the last push to a device."""
        self.push("receipts", [self._app.touched(number)])

    def wanted(self, message: Message) -> bool:
        """Whether a report of it is pushed: those of its kind must have been asked for."""
        kind = NOT_ARRIVED if message.err_code else ARRIVED
        return super().wanted(message) and bool(message.kinds & kind)
