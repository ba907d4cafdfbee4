"""WeChat, as a simulated vendor. It can't be asked about a message, and is posted the same one again."""

from collections.abc import Callable
from typing import Any

import msgspec

from agents.gateways import wechat_callbacks
from agents.gateways.http import Client, Reply
from agents.gateways.wechat import WechatGateway, client_msg_id
from orderbell.standins.account import Answer, Request
from orderbell.standins.wechat import account
from orderbell.standins.wechat.messages import Message
from orderbell.standins.wechat.pushes import WechatPushes
from orderbell.standins.wechat.templates import Templates
from schemas.rules import Provider
from schemas.words import Channel
from streams.clock import Clock
from streams.settings import Secret
from streams.settings import Wechat as Settings
from tests.simulation.manner import BAD_NUMBER, Asked, Manner, No, Words
from tests.simulation.spoilt import PAGES_OF_OTHERS

_SETTINGS = Settings("wx1", Secret("secret"), "http://wechat.test")
_PUSHES = WechatPushes(None)
REFUSING = "0406"
"""How the id of a follower ends who takes no messages."""

WORDS = Words(
    noes={
        (200, "-1"): 4,
        (200, "45011"): 3,
        (200, "43117"): 2,
        (200, "45009"): 1,
        (200, "40037"): 1,
        (200, "47003"): 1,
        (200, "40249"): 1,
        (200, "48001"): 1,
        (200, "40001"): 1,
        (200, "43019"): 1,
        (200, "99999"): 1,
    },
    busy=((200, "-1"), (200, "45011")),
    no_money=(200, "45109"),
    no_rights=(200, "50007"),
    no_template=(200, "40037"),
    bad_number=(200, "40003"),
    delivered="",
    failures={"user block": 4, "system failed": 3, "freq limit": 2, "never heard": 1},
    dead_number="user block",
    nonsense=(
        *PAGES_OF_OTHERS,
        Reply(200, b"{}"),
        Reply(200, b'{"errcode":"0"}'),
        Reply(200, b'{"errcode":0,"msgid":"x"}'),
        Reply(502, b'{"errcode":-1,"errmsg":"system error"}'),
    ),
    lasting=frozenset({"40003", "43004", "43019", "43101", "40036", "40037", "47003"}),
    stale=frozenset({"40001", "40014", "42001"}),
    had=frozenset({"40241"}),
)


class _Ending(set[str]):
    """The followers whose ids end so."""

    def __init__(self, end: str) -> None:
        super().__init__()
        self._end = end

    def __contains__(self, follower: object) -> bool:
        return isinstance(follower, str) and follower.endswith(self._end)


class _Account(account.Account):
    def do(self, request: Request, shows: Callable[[Any], bool] = lambda _: True) -> Answer:
        """Does what a request asks for that was not refused. Nothing of a message is ever shown."""
        return super().do(request)

    def reply(self, number: str, content: str) -> dict[str, Any]:
        """What followers write is none of our business."""
        raise NotImplementedError


class Wechat(Manner):
    """``templates`` are those that the account has chosen."""

    name: Provider = "wechat"
    channel: Channel = "wechat"
    words = WORDS
    pushed = wechat_callbacks.FORMAT
    pushes_again: tuple[float, ...] = (5.0, 10.0)
    echoes = False

    def __init__(self, templates: Templates | None = None) -> None:
        self._templates = templates

    def gateway(self, over: Client, clock: Clock) -> WechatGateway:
        """The real one."""
        return WechatGateway(_SETTINGS, over, clock)

    def account(self, now: Callable[[], float], on_message: Callable[[Message], None], *, echoes: bool) -> _Account:
        """The stand-in's; what it says of a message that it took before differs."""
        how: Any = "refused" if echoes else "answered"
        made = _Account(
            _SETTINGS.app_id, _SETTINGS.app_secret, self._templates, duplicates=how, now=now, on_message=on_message
        )
        made.gone, made.refusing = _Ending(BAD_NUMBER), _Ending(REFUSING)
        return made

    def asked(self, request: Request) -> Asked:
        """What a request of ours asks for: a token, or a message."""
        if request.action == account.TOKEN:
            return Asked(question=True, number="token")
        asked = msgspec.json.decode(request.body)
        single = asked["client_msg_id"]
        return Asked(False, asked["touser"], single, asked["template_id"], single=single)

    def text(self, request: Request) -> str:
        """What a message says."""
        return " ".join(field["value"] for field in msgspec.json.decode(request.body)["data"].values())

    def no(self, asked: Asked, no: No) -> Answer:
        """Its own no."""
        code = no[1]
        return Answer(200, code, msgspec.json.encode({"errcode": int(code), "errmsg": code}))

    def named(self, out_id: str) -> str:
        """By the id that it is given."""
        return client_msg_id(out_id)

    def out_id(self, message: Message) -> str:
        """That id of a message."""
        return message.client_msg_id or ""

    def body(self, element: dict[str, Any], *, reply: bool) -> bytes:
        """One event as it is pushed."""
        return _PUSHES.written(element)
