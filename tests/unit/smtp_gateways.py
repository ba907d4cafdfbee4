"""Gateways to a mail server at the far end, for tests."""

from typing import Any

from agents.gateways.gateway import Hindrance
from agents.gateways.smtp import SmtpGateway
from schemas.calls import MailRequest, SendResult
from schemas.times import SECOND
from streams.mail_settings import MailServer, Sender, Tls
from tests.clock import ManualClock
from tests.gateways import unhindered

SENDER = Sender("寄卖行", "service@shop.example")
TO = "zhang.san@customer.example"
ACCEPTED = SendResult(outcome="accepted", message_id="C1.N1.1@shop.example")


def a_mail(clock: ManualClock, **changed: Any) -> MailRequest:
    """A mail that may go for 5 s."""
    fields: dict[str, Any] = {
        "to": TO,
        "subject": "订单A-1001已取消",
        "plain": "您好，订单A-1001已取消。\n.\n..",
        "html": "<p>您好</p>",
        "out_id": "C1.N1.1",
        "call_by": clock.now() + 5 * SECOND,
    }
    return MailRequest(**(fields | changed))


class Gateways:
    """Makes gateways and closes them. No result of theirs shows the address."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._made: list[SmtpGateway] = []

    def to(self, port: int, tls: Tls = "never", *, host: str = "127.0.0.1", **options: Any) -> SmtpGateway:
        gateway = SmtpGateway(MailServer(host, port, tls), SENDER, self._clock, **options)
        self._made.append(gateway)
        return gateway

    async def send(
        self,
        port: int,
        request: MailRequest | None = None,
        *,
        tls: Tls = "never",
        hindrance: Hindrance = unhindered,
        **options: Any,
    ) -> SendResult:
        request = request or a_mail(self._clock)
        result = await self.to(port, tls, **options).send(request, hindrance)
        assert request.to not in repr((result, request))
        return result

    async def close(self) -> None:
        for gateway in self._made:
            await gateway.close()
