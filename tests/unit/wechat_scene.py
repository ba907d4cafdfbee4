"""The stand-in for the WeChat platform, with the real gateway before it and our end of its pushes, for tests of it."""

import asyncio
import json
from typing import Any

from aiohttp import web

from agents.gateways.http import Http
from agents.gateways.wechat import WechatGateway
from orderbell.standins.wechat.account import SEND, TOKEN
from orderbell.standins.wechat.service import WechatStandIn
from orderbell.standins.wechat.templates import Templates
from schemas.calls import SendResult
from schemas.times import MILLISECOND, SECOND
from streams.settings import Secret, Wechat
from tests.clock import ManualClock
from tests.gateways import unhindered
from tests.wechat_far_end import OPENID, a_card

APP, SECRET = "wx6e543ad0", "app-secret"
TEMPLATE = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
OTHER = "oia2TjuEGTNoeX76QEjQNrcURxG8"
CHOSEN = {TEMPLATE: ("character_string1", "phrase2"), "const": ("const1", "thing2")}


class Scene:
    """A stand-in, and a gateway to it, by one clock."""

    def __init__(self, standin: WechatStandIn, address: str, clock: ManualClock) -> None:
        self.standin = standin
        self.clock = clock
        self.address = address
        self.over = Http(clock, answer_within=300 * MILLISECOND)
        self.gateway = self.by(SECRET)

    def by(self, secret: str, app: str = APP) -> WechatGateway:
        return WechatGateway(Wechat(app, Secret(secret), self.address), self.over, self.clock)

    async def send(self, gateway: WechatGateway | None = None, **changed: object) -> SendResult:
        return await (gateway or self.gateway).send(a_card(self.clock, **changed), unhindered)

    async def ask(self, path: str, body: Any, method: str = "POST") -> dict[str, Any]:
        """What is answered to a request of our own making."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        lines = f"Host: x\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.address.rpartition(":")[2]))
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + raw)
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        assert head.startswith(b"HTTP/1.1 200 ")
        return dict(json.loads(answer))

    async def token(self, **changed: Any) -> dict[str, Any]:
        asked = {"grant_type": "client_credential", "appid": APP, "secret": SECRET} | changed
        return await self.ask(TOKEN, {name: value for name, value in asked.items() if value is not None})

    async def posted(self, **changed: Any) -> dict[str, Any]:
        """A message as the vendor's documentation shows it; ``None`` leaves a part out."""
        data = {"character_string1": {"value": "A1"}, "phrase2": {"value": "余额不足"}}
        message = {"touser": OPENID, "template_id": TEMPLATE, "data": data, "client_msg_id": "MSG_000001"} | changed
        token = (await self.token())["access_token"]
        body = {name: value for name, value in message.items() if value is not None}
        return await self.ask(f"{SEND}?access_token={token}", body)


async def a_scene(**options: Any) -> Scene:
    clock = ManualClock()
    templates = Templates(CHOSEN, consts=["付款失败"])
    standin = WechatStandIn(APP, SECRET, templates, report_after=0, now=lambda: clock.now() / SECOND, **options)
    return Scene(standin, await standin.start(), clock)


class Receiver:
    """Our end of the pushes: answers with each of ``statuses``, then well."""

    def __init__(self, *statuses: int, answer: str = "success") -> None:
        self.answer = answer
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], str]] = []

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_post("/callbacks/wechat/{token}", self._take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/callbacks/wechat/AAAAA"

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.query), await request.text()))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(text=self.answer if status == 200 else "", status=status)
