"""The stand-in for the WeChat platform as a process of its own."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from agents.gateways.http import Http
from agents.gateways.wechat import WechatGateway
from orderbell.commands.rules import shown
from orderbell.standins.wechat.account import SEND
from schemas.calls import CardRequest
from schemas.times import SECOND
from streams.clock import Clock, SystemClock
from streams.policy.case import Case
from streams.policy.wechat import card
from streams.settings import Secret, Wechat
from tests.clock import START
from tests.gateways import unhindered
from tests.standin_contract import until
from tests.unit.rules import RULES
from tests.unit.wechat_scene import APP, OTHER, SECRET, Receiver
from tests.wechat_far_end import OPENID


def _of_defaults(tmp_path: Path) -> Path:
    rules = tmp_path / "rules.json"
    rules.write_bytes(msgspec.json.encode(shown(RULES)))
    return rules


async def test_as_a_process_it_writes_what_arrives_and_does_what_it_is_told(tmp_path: Path) -> None:
    receiver = Receiver()
    told = card(Case("payment_failed", "A-1001", {"reason": "card_error"}, START), RULES)
    assert told is not None
    async with receiver as callback:
        options = ["--key-id", APP, "--key-secret", SECRET, "--rules", str(_of_defaults(tmp_path))]
        options += ["--callback", callback, "--report-after", "0", "--answer-within", "30"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orderbell.standins.wechat", *options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        listening = json.loads(await process.stdout.readline())
        clock: Clock = SystemClock()
        over = Http(clock)
        gateway = WechatGateway(Wechat(APP, Secret(SECRET), listening["address"]), over, clock)

        def command(**fields: Any) -> None:
            assert process.stdin is not None
            process.stdin.write(json.dumps(fields).encode() + b"\n")

        def request(out_id: str, openid: str = OPENID) -> CardRequest:
            return CardRequest(
                openid=openid,
                template=told.provider_template,
                fields=told.fields,
                url=told.url,
                out_id=out_id,
                call_by=clock.now() + 5 * SECOND,
            )

        command(do="fate", number=OPENID, err_code="user block")
        command(do="fault", fault={"how": "answer", "status": 502, "action": SEND})
        command(do="gone", number=OTHER)
        await until(lambda: len(receiver.got) == 1)  # so the commands before it were obeyed too
        assert (await gateway.send(request("C1.N1.1"), unhindered)).outcome == "accepted"  # at the second post
        assert (await gateway.send(request("C1.N1.2", OTHER), unhindered)).code == "43004"
        message = json.loads(await process.stdout.readline())
        await until(lambda: len(receiver.got) == 2)
        await over.close()
        process.stdin.close()
        assert await process.wait() == 0
    assert listening["is"] == "listening"
    assert (message["is"], message["number"], message["fields"]) == ("message", OPENID, dict(told.fields))
    assert "unsubscribe" in receiver.got[0][1]
    assert "failed:user block" in receiver.got[1][1]
