"""JPush, as a simulated vendor. It can't be asked about a push, and is posted the same one again."""

from collections.abc import Callable
from typing import Any

import msgspec

from agents.gateways import jpush_callbacks
from agents.gateways.http import Client, Reply
from agents.gateways.jpush import JPushGateway
from orderbell.standins.account import Answer, Request
from orderbell.standins.jpush import account
from orderbell.standins.jpush.asked import push
from orderbell.standins.jpush.messages import Message
from schemas.rules import Provider
from schemas.words import Channel
from streams.clock import Clock
from streams.settings import JPush as Settings
from streams.settings import Secret
from tests.simulation.manner import BAD_NUMBER, Asked, Manner, No, Words
from tests.simulation.spoilt import PAGES_OF_OTHERS

_SETTINGS = Settings("app", Secret("secret"), "http://jpush.test")
_TAKEN = 8
"""The kind of a report that says only that the vendor has a push."""

WORDS = Words(
    noes={
        (429, "2002"): 4,
        (400, "1000"): 2,
        (400, "1030"): 2,
        (400, "2005"): 1,
        (400, "1012"): 1,
        (400, "1005"): 1,
        (400, "1003"): 1,
        (400, "2003"): 1,
        (400, "9999"): 1,
    },
    busy=((429, "2002"), (400, "1000")),
    no_money=(400, "2006"),
    no_rights=(401, "1004"),
    no_template=(400, "1009"),
    bad_number=(400, "1011"),
    delivered="",
    failures={"OFFLINE": 6, "CHANNEL_LIMIT": 2, "UNINSTALLED": 1},
    dead_number="UNINSTALLED",
    nonsense=(
        *PAGES_OF_OTHERS,
        Reply(200, b"{}"),
        Reply(200, b'{"sendno":"0","msg_id":""}'),
        Reply(200, b'{"error":{"code":1000,"message":"error"}}'),
        Reply(500, b'{"error":{"code":1000,"message":"error"}}'),
        Reply(504, b'{"error":{"code":1030,"message":"timeout"}}'),
    ),
    lasting=frozenset({"1011"}),
)


class _Gone(set[str]):
    """The devices that are no more: those whose ids end so."""

    def __contains__(self, device: object) -> bool:
        return isinstance(device, str) and device.endswith(BAD_NUMBER)


class _Account(account.Account):
    def do(self, request: Request, shows: Callable[[Any], bool] = lambda _: True) -> Answer:
        """Does what a request asks for that was not refused. Nothing of a push is ever shown."""
        return super().do(request)

    def reply(self, number: str, content: str) -> dict[str, Any]:
        """Nobody answers a push."""
        raise NotImplementedError


class JPush(Manner):
    """One app."""

    name: Provider = "jpush"
    channel: Channel = "push"
    words = WORDS
    pushed = jpush_callbacks.FORMAT
    pushes_again: tuple[float, ...] = (50.0, 100.0, 150.0)
    echoes = True

    def gateway(self, over: Client, clock: Clock) -> JPushGateway:
        """The real one."""
        return JPushGateway(_SETTINGS, over, clock)

    def account(self, now: Callable[[], float], on_message: Callable[[Message], None], *, echoes: bool) -> _Account:
        """The stand-in's, which brings back what was sent along."""
        secrets: dict[str, str] = {_SETTINGS.app_key: _SETTINGS.master_secret}
        made = _Account(secrets, now=now, on_message=on_message)
        made.gone = _Gone()
        return made

    def asked(self, request: Request) -> Asked:
        """What a request of ours asks for: ids for pushes, or a push."""
        if request.action == account.CID:
            return Asked(question=True, number="cid")
        asked = push(request.body)
        assert not isinstance(asked, int), asked
        assert asked.callback is not None
        out_id = str(asked.callback.params["out_id"])
        return Asked(False, " ".join(asked.audience.registration_id), out_id, single=asked.cid or "")

    def text(self, request: Request) -> str:
        """What a push says."""
        asked = push(request.body)
        assert not isinstance(asked, int), asked
        title, body, _ = asked.seen()
        return f"{title}\n{body}"

    def no(self, asked: Asked, no: No) -> Answer:
        """Its own no."""
        status, code = no
        return Answer(status, code, msgspec.json.encode({"error": {"code": int(code), "message": code}}))

    def interim(self, message: Message) -> dict[str, Any]:
        """A report without news."""
        return {**message.report(), "callback_type": _TAKEN}
